//! What a search finds in painted rows, and its marks. What a row was broken within is found all the same.

use ratatui::text::Line;

use super::{plain_text, width as cells};

/// A place that was found: ranges of bytes of rows, which follow each other.
pub(crate) type Hit = Vec<(usize, std::ops::Range<usize>)>;

/// A letter of the rows, as it is compared.
struct Letter {
    letter: char,
    row: usize,
    from: usize,
    to: usize,
}

/// What stands for the end of a row.
const BREAK: char = '\n';

/// Finds a text in rows of this width, whatever its case.
pub(crate) fn find<'a>(rows: impl Iterator<Item = &'a Line<'static>>, width: usize, query: &str) -> Vec<Hit> {
    let query: Vec<char> = query.chars().map(folded).collect();
    let letters = letters(rows, width);
    let mut hits = Vec::new();
    let mut at = 0;
    while at < letters.len() {
        match fits(&letters[at..], &query) {
            Some(taken) => {
                hits.push(hit(&letters[at..at + taken]));
                at += taken;
            }
            None => at += 1,
        }
    }
    hits
}

fn folded(letter: char) -> char {
    letter.to_lowercase().next().unwrap_or(letter)
}

fn letters<'a>(rows: impl Iterator<Item = &'a Line<'static>>, width: usize) -> Vec<Letter> {
    let mut letters = Vec::new();
    let mut is_full = false;
    for (row, line) in rows.enumerate() {
        let text = plain_text(line);
        // Blanks around it are the frame and the ground of a row.
        let text = text.trim_end();
        let begin = if row == 0 { 0 } else { text.len() - text.trim_start().len() };
        if row > 0 {
            // A row that is full was broken within a word, or behind one; others end between words.
            letters.push(Letter { letter: if is_full { BREAK } else { ' ' }, row, from: begin, to: begin });
        }
        let own = text.char_indices().skip_while(|(at, _)| *at < begin);
        letters.extend(own.map(|(from, letter)| Letter {
            letter: folded(letter),
            row,
            from,
            to: from + letter.len_utf8(),
        }));
        is_full = cells(text) + 1 >= width;
    }
    letters
}

/// How many letters the query takes from here on.
fn fits(letters: &[Letter], query: &[char]) -> Option<usize> {
    let mut taken = 0;
    for (at, wanted) in query.iter().enumerate() {
        let mut next = letters.get(taken)?.letter;
        if next == BREAK && *wanted != ' ' {
            if at == 0 {
                return None;
            }
            taken += 1;
            next = letters.get(taken)?.letter;
        }
        if next != *wanted && !(next == BREAK && *wanted == ' ') {
            return None;
        }
        taken += 1;
    }
    Some(taken).filter(|taken| *taken > 0)
}

fn hit(letters: &[Letter]) -> Hit {
    let mut hit = Hit::new();
    for letter in letters.iter().filter(|letter| letter.from < letter.to) {
        match hit.last_mut().filter(|(row, _)| *row == letter.row) {
            Some((_, range)) => range.end = letter.to,
            None => hit.push((letter.row, letter.from..letter.to)),
        }
    }
    hit
}

#[cfg(test)]
mod tests {
    use super::find;
    use crate::text::{Rows, line, mark_range, plain_text, span};
    use ratatui::style::{Color, Style};

    fn rows(texts: &[&str]) -> Rows {
        texts.iter().map(|text| line(vec![span(text, Style::new())])).collect()
    }

    #[test]
    fn a_text_is_found_across_rows() {
        let cases: [(&[&str], &str, usize); 10] = [
            (&["one two", "Two"], "two", 2),
            (&["one", "two"], "one two", 1),
            (&["one", "two"], "onetwo", 0),
            (&["one       ", "  two     "], "one two", 1),
            // The row is full, so it may have been broken within the word.
            (&["abcdefghij", "  klm"], "hijkl", 1),
            (&["abcdefghij", "  klm"], "j k", 1),
            (&["aaaa"], "aa", 2),
            (&["日本語"], "本", 1),
            (&["ÄPFEL"], "äpfel", 1),
            (&["one"], "x", 0),
        ];
        for (texts, query, wanted) in cases {
            assert_eq!(find(rows(texts).iter(), 10, query).len(), wanted, "{texts:?} {query}");
        }
        assert_eq!(find(rows(&["abcdefghij", "  klm"]).iter(), 10, "hijkl"), [vec![(0, 7..10), (1, 2..4)]]);
    }

    #[test]
    fn marks_lie_over_spans() {
        let style = Style::new().bg(Color::Red);
        let mut row = line(vec![span("ab", Style::new()), span("cd", Style::new().fg(Color::Blue))]);
        mark_range(&mut row, &(1..3), style);
        assert_eq!(plain_text(&row), "abcd");
        let marked: Vec<&str> =
            row.spans.iter().filter(|span| span.style.bg.is_some()).map(|span| span.content.as_ref()).collect();
        assert_eq!(marked, ["b", "c"]);
    }
}
