use super::{palette::entry, *};

/// The grounds and the text of terminals that answer as dark or as light.
const GROUNDS: [(bool, [Color; 2]); 2] = [
    (false, [Color::Rgb(0x15, 0x18, 0x1d), Color::Rgb(0xd7, 0xda, 0xe1)]),
    (true, [Color::Rgb(0xfc, 0xfc, 0xfb), Color::Rgb(0x23, 0x26, 0x2d)]),
];

fn luminance(colour: Color) -> f64 {
    let (red, green, blue) = match colour {
        Color::Rgb(red, green, blue) => (red, green, blue),
        Color::Indexed(index) => entry(index),
        other => panic!("a colour that only the terminal knows: {other}"),
    };
    let part = |part: u8| {
        let part = f64::from(part) / 255.0;
        if part <= 0.040_45 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * part(red) + 0.7152 * part(green) + 0.0722 * part(blue)
}

/// The contrast of text on its ground, from 1 to 21.
pub(crate) fn contrast(text: Color, ground: Color) -> f64 {
    let (one, other) = (luminance(text), luminance(ground));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

/// The text and the ground of a cell on such a terminal.
pub(crate) fn seen(style: Style, is_light: bool) -> (Color, Color) {
    let (_, [ground, text]) = GROUNDS[usize::from(is_light)];
    let own = |colour: Option<Color>, own| colour.filter(|colour| *colour != Color::Reset).unwrap_or(own);
    let (text, ground) = (own(style.fg, text), own(style.bg, ground));
    if style.add_modifier.contains(Modifier::REVERSED) { (ground, text) } else { (text, ground) }
}

#[test]
fn every_text_can_be_read_on_every_ground_that_it_is_painted_on() {
    for (is_light, _) in GROUNDS {
        let theme = Theme::fitting(Depth::Full, Some(is_light));
        let code = [theme.keyword, theme.string, theme.constant, theme.function, theme.kind, theme.dim, theme.escape];
        let words = [theme.accent, theme.good, theme.warning, theme.error, theme.code, theme.prompt, theme.reasoning];
        let quiet = [Style::new(), theme.surface];
        let rows = [theme.added, theme.removed];
        let stronger = [theme.added_word, theme.removed_word];
        let pairs = quiet.iter().flat_map(|ground| code.iter().chain(&words).map(move |text| (text, ground)));
        let pairs = pairs.chain(rows.iter().flat_map(|ground| code.iter().map(move |text| (text, ground))));
        let caps = [&theme.accent, &theme.strong].map(|text| (text, &theme.raised));
        let plain = Style::new();
        let plains = rows.iter().chain(&stronger).chain([&theme.found, &theme.raised, &theme.mark]);
        for (text, ground) in pairs.chain(caps).chain(plains.map(|ground| (&plain, ground))) {
            let (ink, paper) = seen(ground.patch(*text), is_light);
            let found = contrast(ink, paper);
            assert!(found >= 4.5, "{text:?} on {ground:?}, light: {is_light}: {found:.2}");
        }
    }
}

#[test]
fn sixteen_colours_name_no_ground_and_none_that_fails_on_black_or_white() {
    let mut theme = Theme::default();
    for style in theme.styles() {
        assert_eq!(style.bg, None);
        let fits = [Color::Cyan, Color::Green, Color::Magenta, Color::Red];
        assert!(style.fg.is_none_or(|colour| fits.contains(&colour)), "{style:?}");
    }
}

#[test]
fn no_colour_is_no_colour_and_an_unknown_ground_is_never_painted_over() {
    let mut plain = Theme::fitting(Depth::None, Some(true));
    assert!(plain.styles().iter().all(|style| style.fg.is_none() && style.bg.is_none()));
    for depth in [Depth::Sixteen, Depth::Table, Depth::Full] {
        assert_eq!(Theme::fitting(depth, None), Theme::default().based_on((depth, None)));
    }
}

#[test]
fn the_table_of_256_has_the_nearest_of_each() {
    let mut theme = Theme::fitting(Depth::Table, Some(false));
    for style in theme.styles() {
        for colour in [style.fg, style.bg].into_iter().flatten() {
            assert!(matches!(colour, Color::Indexed(16..)), "{colour}");
        }
    }
    assert_eq!(theme.mark.fg, Some(Color::Indexed(231)));
    assert_eq!(theme.surface.bg, Some(Color::Indexed(235)));
}
