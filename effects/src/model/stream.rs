//! The bytes of an answer to reports: decompressed, cut into events, decoded. Holds no connection.

use std::mem::take;

use quire_state::{fault::Fault, limits::SSE_EVENT_BYTES, msg::ModelReport};
use reqwest::header::HeaderMap;

use super::{
    decode::{Decoder, Step},
    http,
    inflate::{Inflate, InflateFault},
    opening::{Opening, Sort},
    place::Place,
    sse::Sse,
    veiled::Veiled,
};

/// How much of a body that is no stream is kept.
pub(crate) const BODY_BYTES: usize = 64 * 1024;

/// One answer being read.
pub(crate) struct Stream<'a> {
    place: &'a Place,
    headers: HeaderMap,
    inflate: Inflate,
    inner: Inner,
    veiled: Veiled,
}

struct Inner {
    state: State,
    is_labelled: bool,
    sse: Sse,
    decoder: Decoder,
    step: Step,
    is_too_large: bool,
    out: Vec<ModelReport>,
}

/// What the answer is taken for.
enum State {
    /// Its first bytes have not told.
    Opening(Opening),
    /// Events.
    Events,
    /// No events; its beginning is kept.
    Body(Vec<u8>),
}

/// What the bytes so far have said.
#[derive(Debug, Default)]
pub(crate) struct Told {
    /// New reports in order; neighbours that say the same are merged.
    pub(crate) reports: Vec<ModelReport>,
    /// How it ended, if it did: well (`Completed` is among the reports), or not.
    pub(crate) end: Option<Result<(), Fault>>,
    /// Whether the answer has come further. Comments and signs of life are bytes, and no progress.
    pub(crate) has_moved: bool,
}

impl<'a> Stream<'a> {
    /// Begins to read an answer with these headers.
    pub(crate) fn new(place: &'a Place, headers: &HeaderMap) -> Result<Self, Fault> {
        let inflate = Inflate::of(headers).map_err(|fault| inflate_fault(place, &fault))?;
        let inner = Inner {
            state: State::Opening(Opening::default()),
            is_labelled: http::is_stream(headers),
            sse: Sse::default(),
            decoder: Decoder::default(),
            step: Step::More,
            is_too_large: false,
            out: Vec::new(),
        };
        let veiled = Veiled::new(place.redactor.secrets());
        Ok(Self { place, headers: headers.clone(), inflate, inner, veiled })
    }

    /// Whether it has turned out to be no stream of events: what comes is kept for the sentence about it.
    pub(crate) fn is_body(&self) -> bool {
        matches!(self.inner.state, State::Body(_))
    }

    /// Takes the next bytes of the body.
    pub(crate) fn feed(&mut self, bytes: &[u8]) -> Told {
        let inner = &mut self.inner;
        let read = self.inflate.feed(bytes, &mut |piece| inner.piece(piece));
        let end = match (self.inner.end(self.place, &self.headers), read) {
            (Some(end), _) => Some(end),
            (None, Err(fault)) => Some(Err(inflate_fault(self.place, &fault))),
            (None, Ok(())) => None,
        };
        let has_moved = self.inner.decoder.take_moved();
        Told { reports: self.veiled.reports(take(&mut self.inner.out), end.is_some()), end, has_moved }
    }

    /// The body has ended, or broke with this cause.
    pub(crate) fn finish(mut self, cause: &str) -> Told {
        self.inner.conclude();
        if let State::Body(body) = &self.inner.state {
            let end = Err(http::no_stream(self.place, &self.headers, body));
            return Told { reports: self.veiled.reports(self.inner.out, true), end: Some(end), has_moved: false };
        }
        let Inner { sse, decoder, step, out, .. } = &mut self.inner;
        sse.finish(&mut |event| {
            // Cut short it is no JSON, and says nothing but that the stream was cut.
            *step = match decoder.event(event, out) {
                Step::Malformed(_) => Step::More,
                said => said,
            };
            *step == Step::More
        });
        let end = self.inner.end(self.place, &self.headers).unwrap_or_else(|| Err(self.place.cut(cause)));
        Told { reports: self.veiled.reports(self.inner.out, true), end: Some(end), has_moved: false }
    }
}

impl Inner {
    /// Takes decompressed bytes. `false` when no more of them are wanted.
    fn piece(&mut self, piece: &[u8]) -> bool {
        match &mut self.state {
            State::Events => self.events(piece),
            State::Body(body) => {
                let room = BODY_BYTES.saturating_sub(body.len());
                body.extend_from_slice(&piece[..piece.len().min(room)]);
                body.len() < BODY_BYTES
            }
            State::Opening(opening) => match opening.look(piece, self.is_labelled) {
                None => true,
                Some((sort, bytes)) => self.begin(sort, &bytes),
            },
        }
    }

    fn begin(&mut self, sort: Sort, bytes: &[u8]) -> bool {
        self.state = match sort {
            Sort::Stream => State::Events,
            Sort::Body => State::Body(Vec::new()),
        };
        if sort == Sort::Stream && !self.is_labelled {
            self.out.push(ModelReport::Connected);
        }
        self.piece(bytes)
    }

    /// The bytes have ended: what they did not tell, the label does.
    fn conclude(&mut self) {
        if let State::Opening(opening) = &mut self.state {
            let bytes = opening.rest();
            let sort = if self.is_labelled { Sort::Stream } else { Sort::Body };
            self.begin(sort, &bytes);
        }
    }

    fn events(&mut self, piece: &[u8]) -> bool {
        let Self { sse, decoder, step, out, .. } = self;
        let fed = sse.feed(piece, &mut |event| {
            *step = decoder.event(event, out);
            *step == Step::More
        });
        self.is_too_large |= fed.is_err();
        !self.is_too_large && self.step == Step::More
    }

    fn end(&self, place: &Place, headers: &HeaderMap) -> Option<Result<(), Fault>> {
        if let State::Body(body) = &self.state
            && body.len() == BODY_BYTES
        {
            return Some(Err(http::no_stream(place, headers, body)));
        }
        if self.is_too_large {
            let limit = SSE_EVENT_BYTES / (1024 * 1024);
            return Some(Err(place.too_large(&format!("an event of more than {limit} MiB"))));
        }
        match &self.step {
            Step::More => None,
            Step::Over => Some(Ok(())),
            Step::Failed(failure) => Some(Err(http::stream_failure(place, failure, headers))),
            Step::TooLarge(what) => Some(Err(place.too_large(what))),
            Step::Malformed(sample) => Some(Err(place.malformed("an event that is not JSON", sample))),
        }
    }
}

fn inflate_fault(place: &Place, fault: &InflateFault) -> Fault {
    match fault {
        InflateFault::Unknown(encoding) => {
            let encoding = place.sample(encoding.as_bytes());
            place.malformed(&format!("a body in the encoding `{encoding}`, which was not requested"), b"")
        }
        InflateFault::Broken(error) => place.malformed(&format!("a corrupt compressed body ({error})"), b""),
        InflateFault::Bomb => place.too_large("a compressed body that expands without limit"),
    }
}
