//! A new allow rule as the line that is shown and then written.

/// The line of a rule that allows commands with this beginning, without a line end. It is what the user is shown,
/// and exactly what is appended to `rules/default.rules`.
pub fn rule_text(prefix: &[String]) -> String {
    let words: Vec<String> = prefix.iter().map(|word| quoted(word)).collect();
    format!("prefix_rule(pattern=[{}], decision=\"allow\")", words.join(", "))
}

/// A string literal on one line, in ASCII where a character could be taken for another one or for nothing.
fn quoted(word: &str) -> String {
    let mut text = String::from("\"");
    for character in word.chars() {
        match character {
            '"' => text.push_str("\\\""),
            '\\' => text.push_str("\\\\"),
            '\n' => text.push_str("\\n"),
            '\r' => text.push_str("\\r"),
            '\t' => text.push_str("\\t"),
            ' '..='~' => text.push(character),
            letter if letter.is_alphanumeric() => text.push(letter),
            other => text.push_str(&format!("\\U{:08x}", u32::from(other))),
        }
    }
    text.push('"');
    text
}
