//! The choice of what commands may do: the sandbox, and when the user is asked.

use crate::{
    config::{ApprovalPolicy, SandboxMode},
    engine::{Thread, thread::settings::SettingsChange},
    msg::{KeyPress, Op},
    screen::{
        ctx::ScreenCtx,
        keymap::{Action, Context},
    },
};

use super::{
    Handled,
    picker::{self, Picker},
};

/// The choice, open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Permissions {
    /// What can be chosen.
    pub rows: Picker<Preset>,
}

/// A sandbox and an approval policy that go together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Preset {
    /// Commands write nothing, and what writes is asked about.
    ReadOnly,
    /// Commands write in the folder, and what needs more is asked about.
    Ask,
    /// No sandbox, no questions.
    FullAccess,
}

impl Preset {
    /// All, from the narrowest.
    pub const ALL: [Self; 3] = [Self::ReadOnly, Self::Ask, Self::FullAccess];

    /// What it is called.
    pub fn name(self) -> &'static str {
        match self {
            Self::ReadOnly => "Read only",
            Self::Ask => "Ask for approval",
            Self::FullAccess => "Full access",
        }
    }

    /// How far commands reach with it.
    pub fn sandbox(self) -> SandboxMode {
        match self {
            Self::ReadOnly => SandboxMode::ReadOnly,
            Self::Ask => SandboxMode::WorkspaceWrite,
            Self::FullAccess => SandboxMode::DangerFullAccess,
        }
    }

    /// When the user is asked.
    pub fn approval(self) -> ApprovalPolicy {
        match self {
            Self::ReadOnly | Self::Ask => ApprovalPolicy::OnRequest,
            Self::FullAccess => ApprovalPolicy::Never,
        }
    }

    /// The one that a thread works under, if it is one.
    pub fn of(thread: &Thread) -> Option<Self> {
        let config = &thread.settings.config;
        let is_it = |preset: &Self| (preset.sandbox(), preset.approval()) == (config.sandbox, config.approval);
        Self::ALL.into_iter().find(|preset| is_it(preset) && config.profile().is_none() && config.granular.is_none())
    }
}

impl Permissions {
    /// The choice, with what a thread works under marked. Of what is none of these, nothing wider is marked.
    pub fn new(thread: &Thread) -> Self {
        let mut rows = Picker::new(Preset::ALL.to_vec());
        if let Some(preset) = Preset::of(thread) {
            rows.mark(&preset);
        }
        Self { rows }
    }

    /// Moves the mark, or takes what is marked. A number marks its row; it does not take it.
    pub(super) fn key(&mut self, ctx: &mut ScreenCtx<'_>, press: KeyPress) -> Handled {
        let Some(action) = ctx.screen.keymap.action(Context::Picker, press) else {
            if let Some(at) = press.typed().and_then(picker::number) {
                self.rows.mark_at(at);
            }
            return picker::unknown(&ctx.screen.keymap, press);
        };
        if action == Action::Cancel {
            return Handled::Close;
        } else if action == Action::Take {
            if let Some(preset) = self.rows.marked() {
                change(ctx, Some(preset.approval()), Some(preset.sandbox()));
            }
            return Handled::Close;
        }
        self.rows.moved(action);
        Handled::Taken
    }
}

/// Has the shown thread work under these from the next turn on, and says so, above all what opens the sandbox.
pub(in crate::screen) fn change(
    ctx: &mut ScreenCtx<'_>,
    approval: Option<ApprovalPolicy>,
    sandbox: Option<SandboxMode>,
) {
    let Some(config) = ctx.thread.map(|thread| &thread.settings.config) else { return };
    let (asks, reach) = (approval.unwrap_or(config.approval), sandbox.unwrap_or(config.sandbox));
    let is_wider = reach > config.sandbox || asks == ApprovalPolicy::Never && config.approval != asks;
    ctx.op(|thread| {
        let change = SettingsChange { approval, sandbox, ..SettingsChange::default() };
        Op::ChangeSettings { thread, change }
    });
    let opening = if is_wider { "Wider" } else { "Changed" };
    ctx.toast(format!("{opening} from the next turn on, in this session: {}, {}.", reaches(reach), asked(asks)));
}

/// What commands may reach, in a few words.
pub fn reaches(sandbox: SandboxMode) -> &'static str {
    match sandbox {
        SandboxMode::ReadOnly => "commands write nothing",
        SandboxMode::WorkspaceWrite => "commands write in this folder",
        SandboxMode::DangerFullAccess => "no sandbox",
    }
}

/// When the user is asked, in a few words.
pub fn asked(approval: ApprovalPolicy) -> &'static str {
    match approval {
        ApprovalPolicy::Untrusted => "asked unless it only reads",
        ApprovalPolicy::OnFailure => "asked when a command has failed",
        ApprovalPolicy::OnRequest => "asked before anything more",
        ApprovalPolicy::Never => "nothing is asked",
    }
}
