//! What root may do beyond others, and giving it up for good.

use rustix::thread::{
    CapabilitySet, CapabilitySets, capabilities, capability_is_in_bounding_set, clear_ambient_capability_set,
    no_new_privs, remove_capability_from_bounding_set, set_capabilities, set_no_new_privs,
};

use super::{Failed, Step};

/// Drops everything but what lets root work in a folder of another user, and makes sure nothing comes back.
pub(super) fn drop() -> Result<(), Failed> {
    let kept = kept();
    let mut left = capabilities(None).step("read its capabilities")?;
    let may_bound = left.effective.contains(CapabilitySet::SETPCAP);
    for capability in CapabilitySet::all().iter() {
        let is_there = capability_is_in_bounding_set(capability).unwrap_or(false);
        // Without the right to do it the bounding set stays; with no new privileges it gives nothing away.
        if is_there && may_bound && !kept.contains(capability) {
            remove_capability_from_bounding_set(capability).step("bound its capabilities")?;
        }
    }
    let _ = clear_ambient_capability_set();
    left.effective &= kept;
    left.permitted &= kept;
    left.inheritable = CapabilitySet::empty();
    set_capabilities(None, left).step("drop its capabilities")?;
    set_no_new_privs(true).step("refuse new privileges")
}

/// Reads back what [`drop`] has done.
pub(super) fn check() -> Result<(), Failed> {
    let CapabilitySets { effective, permitted, inheritable } = capabilities(None).step("read its capabilities")?;
    if !kept().contains(effective | permitted) || !inheritable.is_empty() {
        return Err(Failed::check("capabilities remain"));
    }
    if no_new_privs().unwrap_or(false) { Ok(()) } else { Err(Failed::check("new privileges can be gained")) }
}

fn kept() -> CapabilitySet {
    if rustix::process::geteuid().is_root() { CapabilitySet::DAC_OVERRIDE } else { CapabilitySet::empty() }
}
