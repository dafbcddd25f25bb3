//! Permissions that the model asks for.

use quire_state::item::{PermissionsItem, PermissionsStatus};

use super::{PaintContext, call, sentence};
use crate::text::Rows;

/// The lines of the call.
pub(crate) fn rows(permissions: &PermissionsItem, context: PaintContext<'_>) -> Rows {
    const REFUSED: &str = "No permissions granted";
    let (said, result, failed) = match &permissions.status {
        PermissionsStatus::Asking => ("Asking for permissions", None, false),
        PermissionsStatus::Granted { text } => (text.as_str(), Some(text.as_str()), false),
        PermissionsStatus::Declined { reason } => (REFUSED, Some(reason.as_str()), true),
        PermissionsStatus::Aborted => (REFUSED, None, true),
    };
    if context.details {
        return call::rows("request_permissions", &permissions.arguments, result, failed, context);
    }
    sentence::rows(said, result, failed, context)
}
