//! How the rows of the screen are shared. The draft comes first, then the question, then what moves; what only
//! helps goes first when there is no room.

/// Rows that the transcript keeps before anything that only helps gets a row.
const TRANSCRIPT_ROWS: u16 = 4;
/// Rows from which on the transcript gives one to a blank row below it.
const ROOMY_ROWS: u16 = 10;
/// Rows of a screen from which on panels have blank rows.
pub(crate) const AIRY_ROWS: u16 = 20;
/// Held inputs that are listed at most.
const QUEUE_ROWS: u16 = 4;

/// What the parts of the bottom area would like, in rows.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Wants {
    /// Held inputs.
    pub(crate) queue: u16,
    /// What the turn does.
    pub(crate) working: u16,
    /// The question, with its choices.
    pub(crate) question: u16,
    /// What is offered for the draft.
    pub(crate) offer: u16,
    /// The draft.
    pub(crate) composer: u16,
    /// The status row says something that must be read now.
    pub(crate) urgent: bool,
    /// The draft stands on a ground of its own, and needs no rule above it.
    pub(crate) panel: bool,
    /// A blank row between the transcript and what moves.
    pub(crate) gap: bool,
    /// Something short that has just happened.
    pub(crate) toast: u16,
}

/// What they get.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Shares {
    /// The blank row below the transcript.
    pub(crate) gap: u16,
    /// Held inputs.
    pub(crate) queue: u16,
    /// What the turn does.
    pub(crate) working: u16,
    /// The question.
    pub(crate) question: u16,
    /// The rule above the draft, or a blank row of its panel.
    pub(crate) rule: u16,
    /// What is offered for the draft.
    pub(crate) offer: u16,
    /// The draft.
    pub(crate) composer: u16,
    /// The blank row below the draft, or what has just happened.
    pub(crate) below: u16,
    /// The status row.
    pub(crate) status: u16,
}

/// Shares the rows.
pub(crate) fn share(height: u16, wants: Wants) -> Shares {
    let mut left = height;
    // A question that has the keys stands where the draft stood.
    let least = if wants.question > 0 { wants.composer.min(1) } else { 1 };
    let mut shares = Shares { composer: grant(&mut left, least, 0), ..Shares::default() };
    if wants.urgent {
        shares.status = grant(&mut left, 1, 0);
    }
    shares.question = grant(&mut left, wants.question, 0);
    shares.offer = grant(&mut left, wants.offer, 1);
    // Beside a question, the transcript above it is no longer what matters.
    let kept = if wants.question > 0 { 0 } else { TRANSCRIPT_ROWS };
    if !wants.urgent {
        shares.status = grant(&mut left, 1, kept);
    }
    shares.working = grant(&mut left, wants.working, 1.min(kept));
    let most = (height / 3).max(1);
    shares.composer += grant(&mut left, wants.composer.min(most).saturating_sub(1), 1.min(kept));
    let is_airy = height >= AIRY_ROWS && wants.composer > 0;
    if wants.composer > 0 && (is_airy || !wants.panel) {
        shares.rule = grant(&mut left, 1, kept);
    }
    shares.below = grant(&mut left, if is_airy { wants.toast.max(1) } else { 0 }, kept);
    shares.queue = grant(&mut left, wants.queue.min(QUEUE_ROWS), kept);
    shares.gap = grant(&mut left, u16::from(wants.gap), ROOMY_ROWS);
    shares
}

/// Whether the plan hangs under the working row, on a whole screen of so many rows.
pub(crate) fn hangs_plan(rows: u16) -> bool {
    /// Below this, the row names the step that is being done, and nothing else has room.
    const ROWS: u16 = 24;
    rows >= ROWS
}

/// Rows that a question may take: all but the status row and `kept` ones of the draft, or half of the screen while details
/// are shown, so that a command that is too long for the question can be read in the transcript.
pub(crate) fn question_rows(height: u16, kept: u16, details: bool) -> usize {
    let most = height.saturating_sub(1 + kept);
    usize::from(if details { most.min(height.div_ceil(2).max(10)) } else { most })
}

/// Rows that what is offered for the draft may take: up to half of the screen.
pub(crate) fn offer_rows(height: u16) -> usize {
    usize::from(height / 2)
}

fn grant(left: &mut u16, wanted: u16, kept: u16) -> u16 {
    let given = wanted.min(left.saturating_sub(kept));
    *left -= given;
    given
}
