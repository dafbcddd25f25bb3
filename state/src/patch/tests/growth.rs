//! How the work grows with the size of patch and file, counted in steps: no clock is asked.

use super::super::{Hunk, lines::Lines, place::place};

/// Steps that placing takes in a world of a size, and whether all hunks found a place.
type World = fn(usize) -> (Vec<u8>, Vec<Hunk>);

fn hunk(body: String) -> Hunk {
    Hunk { body, ..Hunk::default() }
}

/// Many hunks, each with lines of its own, one below another.
fn plain(size: usize) -> (Vec<u8>, Vec<Hunk>) {
    let file = (0..size * 4).map(|number| format!("line {number}\n")).collect::<String>();
    let hunks = (0..size).map(|number| hunk(format!(" line {}\n-line {}\n+x\n", number * 4, number * 4 + 1))).collect();
    (file.into_bytes(), hunks)
}

/// Every hunk matches only at the last step, and every line of it stands exactly all over the file.
fn forgiving(size: usize) -> (Vec<u8>, Vec<Hunk>) {
    let file = "a\n\u{a0}b\na\nc\nb\n".repeat(size);
    (file.into_bytes(), vec![hunk(" a\n-b\n+x\n".to_owned()); size])
}

/// Hunks that agree with the file for long before they differ from it.
fn repetitive(size: usize) -> (Vec<u8>, Vec<Hunk>) {
    let side = size.isqrt();
    let file = ("a\n".repeat(side * 2) + "b\n").repeat(side);
    (file.into_bytes(), vec![hunk(" a\n".repeat(side) + "-b\n+x\n"); side])
}

/// Hunks of all lengths, every one the end of the next.
fn nested(size: usize) -> (Vec<u8>, Vec<Hunk>) {
    let side = size.isqrt();
    let file = "a \n".repeat(size * 2) + "b\n";
    let hunks = (1..side).map(|length| hunk(" a\n".repeat(length) + "+x\n")).collect();
    (file.into_bytes(), hunks)
}

/// Every hunk is narrowed by lines that stand everywhere.
fn narrowed(size: usize) -> (Vec<u8>, Vec<Hunk>) {
    let file = " f\n g\nx\ny\n".repeat(size);
    let contexts = vec!["f".to_owned(), "g".to_owned()];
    (file.into_bytes(), vec![Hunk { contexts, body: "-x\n+z\n".to_owned(), at_end: false }; size])
}

/// The last hunk fits nowhere.
fn hopeless(size: usize) -> (Vec<u8>, Vec<Hunk>) {
    let (file, mut hunks) = forgiving(size);
    hunks.push(hunk("-a\n-a\n+x\n".to_owned()));
    (file, hunks)
}

#[test]
fn twice_the_size_is_about_twice_the_work() {
    let worlds: [(&str, World, bool); 6] = [
        ("plain", plain, true),
        ("forgiving", forgiving, true),
        ("repetitive", repetitive, true),
        ("nested", nested, true),
        ("narrowed", narrowed, true),
        ("hopeless", hopeless, false),
    ];
    for (name, world, fits) in worlds {
        let steps = |size: usize| {
            let (file, hunks) = world(size);
            let lines = Lines::of(&file);
            let (places, steps) = place(&lines, &hunks);
            assert_eq!(places.is_ok(), fits, "{name}: {places:?}");
            steps
        };
        let (once, twice) = (steps(4000), steps(8000));
        assert!(once > 4000, "{name}: only {once} steps are counted");
        assert!(once < 4000 * 400, "{name}: {once} steps");
        assert!(twice * 10 < once * 26, "{name}: {once} steps, then {twice}");
    }
}
