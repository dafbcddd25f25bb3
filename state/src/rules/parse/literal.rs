//! String literals: quotes, escapes, and the braces of `f"..."`.

use std::rc::Rc;

use super::{
    Parser, Wrong,
    scan::Scanner,
    tree::{Expression, Piece},
};

/// How a string began.
struct Quote {
    /// What ends it.
    close: &'static str,
    is_raw: bool,
    /// Whether braces in it hold expressions.
    is_joined: bool,
    start: usize,
}

/// Whether a string literal begins here.
pub(super) fn is_here(scanner: &Scanner<'_>) -> bool {
    let rest = scanner.rest();
    let quoted = rest.trim_start_matches(['r', 'f']);
    let prefix = rest.get(..rest.len() - quoted.len());
    quoted.starts_with(['"', '\'']) && matches!(prefix, Some("" | "r" | "f" | "fr"))
}

/// Reads the string literal that begins here.
pub(super) fn read<'a>(parser: &mut Parser<'a>) -> Result<Expression<'a>, Wrong> {
    let quote = open(&mut parser.scanner);
    let mut pieces = Vec::new();
    loop {
        let mut text = String::new();
        let is_whole = piece(&mut parser.scanner, &quote, &mut text)?;
        if is_whole && pieces.is_empty() {
            return Ok(Expression::Text(Rc::from(text)));
        }
        pieces.push(Piece::Text(text));
        if is_whole {
            return Ok(Expression::Joined(pieces));
        }
        let value = parser.in_brackets(Parser::expression)?;
        parser.scanner.skip_blank();
        let at = parser.scanner.at();
        if !parser.scanner.take("}") {
            return Err(Wrong::new(
                "Expected the `}` of this value here; formats such as `:>10` are not supported.",
                at,
            ));
        }
        pieces.push(Piece::Value(value));
    }
}

fn open(scanner: &mut Scanner<'_>) -> Quote {
    let start = scanner.at();
    let (mut is_raw, mut is_joined) = (false, false);
    loop {
        if scanner.take("r") {
            is_raw = true;
        } else if scanner.take("f") {
            is_joined = true;
        } else {
            break;
        }
    }
    let close = ["\"\"\"", "'''", "\"", "'"].into_iter().find(|quote| scanner.take(quote)).unwrap_or("\"");
    Quote { close, is_raw, is_joined, start }
}

/// Reads to the end of the string (true) or behind an opening brace (false).
fn piece(scanner: &mut Scanner<'_>, quote: &Quote, text: &mut String) -> Result<bool, Wrong> {
    loop {
        if scanner.take(quote.close) {
            return Ok(true);
        }
        let at = scanner.at();
        let Some(character) = scanner.next() else {
            return Err(Wrong::new("This string is not closed.", quote.start));
        };
        match character {
            '\n' if quote.close.len() == 1 => {
                return Err(Wrong::new("This string is not closed on its line.", quote.start));
            }
            '\\' if quote.is_raw => {
                let next = scanner.next();
                // A quote behind a backslash is the quote alone.
                if !matches!(next, Some('"' | '\'')) {
                    text.push('\\');
                }
                text.extend(next);
            }
            '\\' => escape(scanner, at, text)?,
            '{' | '}' if quote.is_joined => {
                if scanner.peek() != Some(character) && character == '{' {
                    return Ok(false);
                }
                if scanner.next() != Some(character) {
                    return Err(Wrong::new("This brace is unmatched; write `}}` for a brace.", at));
                }
                text.push(character);
            }
            // Line ends are those of a file that has only line feeds.
            '\r' => {}
            plain => text.push(plain),
        }
    }
}

/// Takes an escape; its backslash has been taken. One that means nothing stands for itself.
fn escape(scanner: &mut Scanner<'_>, at: usize, text: &mut String) -> Result<(), Wrong> {
    let wrong = || Wrong::new("This escape is incomplete; write \\\\ for a backslash.", at);
    let character = scanner.next().ok_or_else(wrong)?;
    let meant = match character {
        '\r' if scanner.take("\n") => return Ok(()),
        '\n' => return Ok(()),
        'a' => '\u{7}',
        'b' => '\u{8}',
        'f' => '\u{c}',
        'v' => '\u{b}',
        'n' => '\n',
        't' => '\t',
        'r' => '\r',
        '\\' | '\'' | '"' => character,
        '0'..='7' => octal(scanner, character),
        'x' => code(scanner, 2).ok_or_else(wrong)?,
        'u' => code(scanner, 4).ok_or_else(wrong)?,
        'U' => code(scanner, 8).ok_or_else(wrong)?,
        other => {
            text.push('\\');
            other
        }
    };
    text.push(meant);
    Ok(())
}

/// Takes up to three digits in base eight, the first of which has been taken.
fn octal(scanner: &mut Scanner<'_>, first: char) -> char {
    let mut code = first.to_digit(8).unwrap_or_default();
    for _ in 1..3 {
        let Some(digit) = scanner.peek().and_then(|digit| digit.to_digit(8)) else { break };
        code = code * 8 + digit;
        scanner.next();
    }
    char::from_u32(code).unwrap_or_default()
}

fn code(scanner: &mut Scanner<'_>, digits: usize) -> Option<char> {
    let text = scanner.rest().get(..digits)?;
    let is_hex = text.chars().all(|digit| digit.is_ascii_hexdigit());
    let code = u32::from_str_radix(text, 16).ok().filter(|_| is_hex)?;
    scanner.take(text);
    char::from_u32(code)
}
