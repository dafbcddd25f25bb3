//! Keys of keyboards for other scripts: with Ctrl or Alt, the key counts that a Latin keyboard has in the same place.
//!
//! A terminal that speaks kitty's protocol tells it. Where none does, the usual layout of the letter's script is taken.

/// Letters of common layouts, and the keys of a Latin keyboard that they stand on. Where a letter has two places, the
/// first counts.
const LAYOUTS: [(&str, &str); 13] = [
    // Russian, with what Ukrainian, Belarusian, Serbian and Macedonian have beyond it.
    ("йцукенгшщзхъфывапролджэячсмитьбюё", "qwertyuiop[]asdfghjkl;'zxcvbnm,.`"),
    ("іїєґўљњђјџћѓќѕ", "s]'\\oqw[jx'[;z"),
    // Greek.
    ("ςερτυθιοπασδφγηξκλζχψωβνμάέήίόύώϊϋ", "wertyuiopasdfghjklzxcvbnmaehioyviy"),
    // Hebrew.
    ("קראטוןםפשדגכעיחלךףזסבהנמצתץ", "ertyuiopasdfghjkl;zxcvbnm,."),
    // Arabic; below, what Persian and Urdu have elsewhere or beyond it.
    ("ضصثقفغعهخحجشسيبلاتنمكظطزرذدئءؤىة", "qwertyuiop[asdfghjkl;zxcvbnmxcnm"),
    ("پچژگکیے", "m]c';dy"),
    // Korean.
    ("ㅂㅈㄷㄱㅅㅛㅕㅑㅐㅔㅁㄴㅇㄹㅎㅗㅓㅏㅣㅋㅌㅊㅍㅠㅜㅡㅃㅉㄸㄲㅆㅒㅖ", "qwertyuiopasdfghjklzxcvbnmqwertop"),
    // Thai.
    ("ๆไำพะัีรนยฟหกดเ้่าสวผปแอิืทมใฝ", "qwertyuiopasdfghjkl;zxcvbnm,./"),
    // Georgian.
    ("ქწერტყუიოპასდფგჰჯკლზხცვბნმ", "qwertyuiopasdfghjklzxcvbnm"),
    // Armenian.
    ("քոեռտըւիօպասդֆգհյկլզղցվբնմ", "qwertyuiopasdfghjklzxcvbnm"),
    // Devanagari (InScript).
    ("ौैाीूबहगदजोे्िुपरकतटॆंमनवलस", "qwertyuiopasdfghjkl;zxcvbnm"),
    // Japanese in kana mode.
    ("たていすかんなにらせちとしはきくまのりれつさそひこみも", "qwertyuiopasdfghjkl;zxcvbnm"),
    // Bengali (InScript).
    ("ৌৈাীূবহগদজোে্িুপরকতটংমনলস", "qwertyuiopasdfghjkl;xcvbm"),
];

/// The Latin character on the key of a typed one; `base` is what the terminal says of it. Latin letters of any layout are
/// what they say.
pub(super) fn latin(typed: char, base: Option<char>) -> char {
    let base = base.filter(char::is_ascii_graphic);
    if typed.is_ascii() {
        return match (typed, base) {
            // Two Latin keys of Hebrew keyboards hold signs; no Latin layout has these there.
            ('/', Some('q')) => 'q',
            ('\'', Some('w')) => 'w',
            _ => typed,
        };
    }
    if is_latin(typed) {
        return typed;
    }
    let lower = typed.to_lowercase().next().unwrap_or(typed);
    let key = base.or_else(|| LAYOUTS.iter().find_map(|(letters, keys)| on_key(letters, keys, lower)));
    match key {
        Some(key) if lower != typed => key.to_ascii_uppercase(),
        Some(key) => key,
        None => typed,
    }
}

fn on_key(letters: &str, keys: &str, typed: char) -> Option<char> {
    let at = letters.chars().position(|letter| letter == typed)?;
    keys.chars().nth(at)
}

/// Letters and signs of keyboards with Latin letters.
fn is_latin(character: char) -> bool {
    matches!(character, '\u{80}'..='\u{2ff}' | '\u{1e00}'..='\u{1eff}' | '\u{2010}'..='\u{20bf}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_letter_has_a_key() {
        for (letters, keys) in LAYOUTS {
            assert_eq!(letters.chars().count(), keys.chars().count(), "{letters}");
            assert!(keys.chars().all(|key| key.is_ascii_graphic()), "{keys}");
        }
    }

    #[test]
    fn what_the_terminal_says_comes_first() {
        for (typed, base, key) in [
            ('с', None, 'c'),
            ('С', None, 'C'),
            ('с', Some('s'), 's'),
            ('с', Some('с'), 'c'),
            ('ψ', None, 'c'),
            ('ב', None, 'c'),
            ('ؤ', None, 'c'),
            ('ㅊ', None, 'c'),
            ('แ', None, 'c'),
            ('ც', None, 'c'),
            ('ց', None, 'c'),
            ('म', None, 'c'),
            ('そ', None, 'c'),
            ('ґ', None, '\\'),
            ('/', Some('q'), 'q'),
            ('/', Some('['), '/'),
            ('\'', Some('w'), 'w'),
            ('j', Some('c'), 'j'),
            ('&', Some('1'), '&'),
            ('é', Some('2'), 'é'),
            ('ö', Some(';'), 'ö'),
            ('漢', None, '漢'),
        ] {
            assert_eq!(latin(typed, base), key, "{typed} {base:?}");
        }
    }
}
