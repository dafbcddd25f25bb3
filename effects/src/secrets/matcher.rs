//! Finds any of many texts in a stream of bytes (Aho-Corasick). Each byte costs a bounded number of steps on average, whatever
//! is looked for.

/// The state in which nothing has begun.
pub(super) const START: u32 = 0;

/// A place in the tree of all texts.
#[derive(Clone, Copy, Debug, Default)]
struct Node {
    byte: u8,
    /// Bytes from the root.
    depth: u32,
    /// The longest other place whose text this one's ends with.
    fail: u32,
    /// The first place one byte further, and the next one beside this.
    child: u32,
    next: u32,
    /// Length of the longest text that ends here, 0 for none.
    found: u32,
    /// Length of the shortest text that goes through here.
    whole: u32,
}

/// All texts that are looked for.
pub(super) struct Matcher {
    nodes: Vec<Node>,
    /// Where each byte leads from the root.
    first: [u32; 256],
}

impl Matcher {
    pub(super) fn of(texts: Vec<String>) -> Self {
        let mut matcher = Self { nodes: vec![Node::default()], first: [START; 256] };
        for text in texts.iter().filter(|text| !text.is_empty()) {
            matcher.add(text.as_bytes());
        }
        matcher.link();
        matcher
    }

    fn add(&mut self, text: &[u8]) {
        let whole = u32::try_from(text.len()).unwrap_or(u32::MAX);
        let mut at = START;
        for byte in text {
            at = match self.child(at, *byte) {
                Some(child) => child,
                None => self.grow(at, *byte),
            };
            let node = &mut self.nodes[at as usize];
            node.whole = if node.whole == 0 { whole } else { node.whole.min(whole) };
        }
        self.nodes[at as usize].found = whole;
    }

    fn grow(&mut self, at: u32, byte: u8) -> u32 {
        let new = u32::try_from(self.nodes.len()).unwrap_or(u32::MAX);
        let above = self.nodes[at as usize];
        self.nodes.push(Node { byte, depth: above.depth + 1, next: above.child, ..Node::default() });
        self.nodes[at as usize].child = new;
        if at == START {
            self.first[usize::from(byte)] = new;
        }
        new
    }

    /// Level by level, so that what a place falls back to is known before it is needed.
    fn link(&mut self) {
        let mut level: Vec<u32> = self.first.iter().copied().filter(|node| *node != START).collect();
        while !level.is_empty() {
            let mut below = Vec::new();
            for at in level {
                let mut child = self.nodes[at as usize].child;
                while child != START {
                    let byte = self.nodes[child as usize].byte;
                    let fail = self.step(self.nodes[at as usize].fail, byte);
                    let found = self.nodes[fail as usize].found;
                    let node = &mut self.nodes[child as usize];
                    node.fail = fail;
                    node.found = node.found.max(found);
                    below.push(child);
                    child = node.next;
                }
            }
            level = below;
        }
    }

    fn child(&self, at: u32, byte: u8) -> Option<u32> {
        if at == START {
            return Some(self.first[usize::from(byte)]).filter(|child| *child != START);
        }
        let mut child = self.nodes[at as usize].child;
        while child != START && self.nodes[child as usize].byte != byte {
            child = self.nodes[child as usize].next;
        }
        (child != START).then_some(child)
    }

    /// The state after one more byte.
    pub(super) fn step(&self, mut at: u32, byte: u8) -> u32 {
        loop {
            match self.child(at, byte) {
                Some(child) => return child,
                None if at == START => return START,
                None => at = self.nodes[at as usize].fail,
            }
        }
    }

    /// How many bytes from here on back nothing has begun.
    pub(super) fn idle(&self, bytes: &[u8]) -> usize {
        bytes.iter().position(|byte| self.first[usize::from(*byte)] != START).unwrap_or(bytes.len())
    }

    /// Length of the longest text that ends in this state, 0 for none.
    pub(super) fn found(&self, at: u32) -> usize {
        self.nodes[at as usize].found as usize
    }

    /// How many of the last bytes may be the beginning of a text.
    pub(super) fn depth(&self, at: u32) -> usize {
        self.nodes[at as usize].depth as usize
    }

    /// Whether so much of a text has been seen that the rest hardly matters: half of it, or 16 bytes.
    pub(super) fn is_most(&self, at: u32) -> bool {
        let Node { depth, whole, .. } = self.nodes[at as usize];
        depth > 0 && depth >= whole.div_ceil(2).clamp(8, 16)
    }

    /// Whether one is in what is only read once.
    pub(super) fn is_among(&self, bytes: impl Iterator<Item = u8>) -> bool {
        let mut at = START;
        for byte in bytes {
            at = self.step(at, byte);
            if self.nodes[at as usize].found > 0 {
                return true;
            }
        }
        self.is_most(at)
    }

    pub(super) fn is_in(&self, bytes: &[u8]) -> bool {
        let mut at = START;
        let mut rest = bytes;
        while let Some((byte, behind)) = rest.split_first() {
            if at == START {
                let idle = self.idle(rest);
                if idle > 0 {
                    rest = &rest[idle..];
                    continue;
                }
            }
            at = self.step(at, *byte);
            if self.nodes[at as usize].found > 0 {
                return true;
            }
            rest = behind;
        }
        // A text that is cut off is shown as little as a whole one.
        self.is_most(at)
    }
}
