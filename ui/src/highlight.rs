//! Source code to tokens, by syntect's grammars. Knows no colours and no widths, so that what it found outlives a
//! change of either. The grammars are loaded at the first code block.

use std::{
    collections::{HashMap, VecDeque},
    hash::{DefaultHasher, Hash, Hasher},
    sync::{Arc, LazyLock},
};

use syntect::parsing::{ParseState, Scope, ScopeStack, SyntaxReference, SyntaxSet};

use crate::theme::{Theme, Token, sheet::Sheet};

/// Lines of one block that are highlighted; what follows is plain.
const LINES: usize = 5_000;
/// Longer lines stay plain: grammars can be slow on them, and they are no source code for people.
const LINE_BYTES: usize = 2_000;
/// Source code whose tokens are remembered.
const REMEMBERED_BYTES: usize = 2 * 1024 * 1024;

/// Tokens of one line, without its line end.
pub(crate) type CodeLine = Vec<(Token, String)>;

static GRAMMARS: LazyLock<SyntaxSet> = LazyLock::new(two_face::syntax::extra_newlines);

/// Scopes and what they mean to us; more exact ones first. `None` hides the scopes around it.
static MEANINGS: LazyLock<Vec<(Scope, Token)>> = LazyLock::new(|| {
    [
        ("comment", Token::Comment),
        ("constant.character.escape", Token::Constant),
        ("string", Token::Text),
        ("constant", Token::Constant),
        ("keyword.operator", Token::Plain),
        ("keyword", Token::Keyword),
        ("storage", Token::Keyword),
        ("entity.name.function", Token::Function),
        ("support.function", Token::Function),
        ("variable.function", Token::Function),
        ("entity.name.tag", Token::Keyword),
        ("entity.other.attribute-name", Token::Function),
        ("entity.name", Token::Type),
        ("support.type", Token::Type),
        ("support.class", Token::Type),
        ("markup.inserted", Token::Added),
        ("markup.deleted", Token::Removed),
        ("markup.heading", Token::Keyword),
    ]
    .into_iter()
    .filter_map(|(name, token)| Scope::new(name).ok().map(|scope| (scope, token)))
    .collect()
});

/// Remembers the tokens of blocks that were seen before.
#[derive(Debug, Default)]
pub(crate) struct Highlighter {
    blocks: HashMap<u64, Arc<Vec<CodeLine>>>,
    /// What is remembered, oldest first, with its size.
    order: VecDeque<(u64, usize)>,
    bytes: usize,
    /// The block that was highlighted last, should it grow.
    last: Option<OpenCode>,
    /// The theme of the user that says what scopes look like.
    sheet: Option<Arc<Sheet>>,
}

impl Highlighter {
    /// From now on for this theme. What was found for another one of the user's is forgotten.
    pub(crate) fn follow(&mut self, theme: &Theme) {
        if self.sheet != theme.sheet {
            *self = Self { sheet: theme.sheet.clone(), ..Self::default() };
        }
    }

    /// An empty block in this language.
    pub(crate) fn open(&self, language: &str) -> OpenCode {
        OpenCode::new(language, self.sheet.clone())
    }

    /// Tokens of a whole block.
    pub(crate) fn block(&mut self, language: &str, code: &str) -> Arc<Vec<CodeLine>> {
        let key = key(language, code);
        if let Some(lines) = self.blocks.get(&key) {
            return Arc::clone(lines);
        }
        let mut open = match self.last.take() {
            Some(open) if open.language == language && code.starts_with(&open.source) => open,
            Some(_) | None => self.open(language),
        };
        let whole = code.rfind('\n').map_or(0, |at| at + 1);
        open.push_lines(&code[open.source.len()..whole]);
        let mut lines = open.lines.clone();
        if whole < code.len() {
            lines.push(open.peek(&code[whole..]));
        }
        self.last = Some(open);
        let lines = Arc::new(lines);
        self.remember(key, code.len(), Arc::clone(&lines));
        lines
    }

    /// Remembers a block that was highlighted line by line.
    pub(crate) fn keep(&mut self, open: OpenCode) {
        let key = key(&open.language, &open.source);
        self.remember(key, open.source.len(), Arc::new(open.lines));
    }

    fn remember(&mut self, key: u64, bytes: usize, lines: Arc<Vec<CodeLine>>) {
        if self.blocks.insert(key, lines).is_none() {
            self.order.push_back((key, bytes));
            self.bytes += bytes;
        }
        while self.bytes > REMEMBERED_BYTES && self.order.len() > 1 {
            if let Some((oldest, bytes)) = self.order.pop_front() {
                self.blocks.remove(&oldest);
                self.bytes -= bytes;
            }
        }
    }
}

fn key(language: &str, code: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    (language, code).hash(&mut hasher);
    hasher.finish()
}

/// A block of code that may still grow: a new line costs the same, however many there are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct OpenCode {
    language: String,
    /// Whole lines so far.
    source: String,
    /// Their tokens.
    lines: Vec<CodeLine>,
    state: Option<(ParseState, ScopeStack)>,
    sheet: Option<Arc<Sheet>>,
}

impl OpenCode {
    fn new(language: &str, sheet: Option<Arc<Sheet>>) -> Self {
        let state = grammar(language).map(|grammar| (ParseState::new(grammar), ScopeStack::new()));
        Self { language: language.to_owned(), source: String::new(), lines: Vec::new(), state, sheet }
    }

    /// Adds whole lines, each with its line end, and gives their tokens.
    pub(crate) fn push_lines(&mut self, text: &str) -> &[CodeLine] {
        let before = self.lines.len();
        for line in text.split_inclusive('\n') {
            let tokens = if self.lines.len() < LINES {
                tokens(self.state.as_mut(), line, self.sheet.as_deref())
            } else {
                plain(line)
            };
            self.lines.push(tokens);
        }
        self.source.push_str(text);
        &self.lines[before..]
    }

    /// Tokens that a line would have as the next one.
    pub(crate) fn peek(&self, line: &str) -> CodeLine {
        if self.lines.len() < LINES {
            tokens(self.state.clone().as_mut(), line, self.sheet.as_deref())
        } else {
            plain(line)
        }
    }
}

fn grammar(language: &str) -> Option<&'static SyntaxReference> {
    let name = language.split([',', ' ', '{']).next().unwrap_or("").trim();
    let name = match name.to_ascii_lowercase().as_str() {
        "" | "text" | "txt" | "plain" | "plaintext" | "output" => return None,
        "shell" | "console" | "shellsession" | "zsh" => "bash",
        "jsonc" | "json5" => "json",
        _ => name,
    };
    GRAMMARS.find_syntax_by_token(name)
}

fn plain(line: &str) -> CodeLine {
    vec![(Token::Plain, line.trim_end_matches(['\n', '\r']).to_owned())]
}

fn tokens(state: Option<&mut (ParseState, ScopeStack)>, line: &str, sheet: Option<&Sheet>) -> CodeLine {
    let Some((parser, scopes)) = state else { return plain(line) };
    if line.len() > LINE_BYTES {
        return plain(line);
    }
    let Ok(changes) = parser.parse_line(line, &GRAMMARS) else { return plain(line) };
    let mut out: CodeLine = Vec::new();
    let mut start = 0;
    for (at, change) in changes {
        push(&mut out, meaning(scopes, sheet), &line[start..at]);
        start = at;
        // A grammar that pops too much is its own fault; what follows is then less colourful.
        let _ = scopes.apply(&change);
    }
    push(&mut out, meaning(scopes, sheet), &line[start..]);
    out
}

fn push(out: &mut CodeLine, token: Token, text: &str) {
    let text = text.trim_end_matches(['\n', '\r']);
    if text.is_empty() {
        return;
    }
    match out.last_mut() {
        Some((last, run)) if *last == token => run.push_str(text),
        Some(_) | None => out.push((token, text.to_owned())),
    }
}

fn meaning(scopes: &ScopeStack, sheet: Option<&Sheet>) -> Token {
    if let Some(sheet) = sheet {
        return Token::Own(sheet.look(scopes.as_slice()));
    }
    let known = |scope: &Scope| MEANINGS.iter().find(|(prefix, _)| prefix.is_prefix_of(*scope));
    scopes.as_slice().iter().rev().find_map(known).map_or(Token::Plain, |(_, token)| *token)
}
