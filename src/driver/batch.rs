//! What waits becomes one batch: the time first, then everything else, pieces of the same stream merged.

use quire_state::{Clock, Msg, coalesce};

/// `waiting` as a batch that begins with the time. Times that others have stamped are dropped.
pub(super) fn stamped(waiting: Vec<Msg>, clock: Clock) -> Vec<Msg> {
    let rest = waiting.into_iter().filter(|msg| !matches!(msg, Msg::Clock(_)));
    coalesce(std::iter::once(Msg::Clock(clock)).chain(rest).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use quire_state::{Input, Op, Origin};

    #[test]
    fn every_batch_begins_with_the_one_time() {
        let clock = Clock { mono_ms: 7, unix_ms: 9 };
        let other = Msg::Clock(Clock { mono_ms: 1, unix_ms: 1 });
        let batch = stamped(vec![other, Msg::Op(Origin::DRIVER, Op::Quit), Msg::Input(Input::Focus(true))], clock);
        assert_eq!(batch, [Msg::Clock(clock), Msg::Op(Origin::DRIVER, Op::Quit), Msg::Input(Input::Focus(true))]);
        assert_eq!(stamped(Vec::new(), clock), [Msg::Clock(clock)]);
    }
}
