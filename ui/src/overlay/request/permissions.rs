//! Permissions for later commands.

use quire_state::engine::RequestedPermissions;
use ratatui::style::Style;

use super::Asking;
use crate::{
    overlay::{Room, matter::Matter, page::said},
    text::{Frame, Rows, literal, visible},
    theme::Theme,
};

/// What is asked of permissions.
pub(super) fn asking<'a>(permissions: &RequestedPermissions, room: Room<'_>) -> Asking<'a> {
    let Room { theme, width, .. } = room;
    Asking {
        words: "Let later commands reach further?",
        reason: said(permissions.reason.as_deref(), theme, width),
        matter: Matter::Rows(permission_rows(permissions, theme, width)),
        place: Rows::new(),
    }
}

/// What the model asks for, a row each.
fn permission_rows(permissions: &RequestedPermissions, theme: &Theme, width: usize) -> Rows {
    let row = |what: &'static str, path: &str| {
        let mut spans = vec![literal(what, theme.warning)];
        spans.extend(visible(path, Style::new(), theme.escape));
        Frame::new(literal("", Style::new())).wrap(&spans, width)
    };
    let write = permissions.write.iter().flat_map(|path| row("write below ", path));
    let read = permissions.read.iter().flat_map(|path| row("read ", path));
    let network = permissions.network.then(|| row("use the network", ""));
    network.into_iter().flatten().chain(write).chain(read).collect()
}
