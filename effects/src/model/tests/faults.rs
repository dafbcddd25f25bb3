//! Error answers to faults: kinds, waits, words.

use quire_state::fault::{Fault, FaultKind};
use reqwest::{
    StatusCode,
    header::{HeaderMap, HeaderName, HeaderValue},
};

use super::samples::place;
use crate::model::http;

fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
    pairs.iter().map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value))).collect()
}

fn fault(status: u16, body: &str) -> Fault {
    http::status(&place(), StatusCode::from_u16(status).unwrap(), &HeaderMap::new(), body.as_bytes())
}

#[test]
fn kinds_by_status_and_code() {
    use FaultKind::{
        Auth, BadRequest, ContextTooLong, Network, NotFound, Overloaded, QuotaExceeded, RateLimited, Server, TooLarge,
    };
    for (status, body, kind) in [
        (400, "", BadRequest),
        (400, r#"{"error":{"message":"bad","code":"context_length_exceeded"}}"#, ContextTooLong),
        (400, r#"{"error":{"code":400,"message":"x","type":"exceed_context_size_error"}}"#, ContextTooLong),
        (400, r#"{"error":{"message":"This model's maximum context length is 8192 tokens."}}"#, ContextTooLong),
        (400, r#"{"detail":[{"loc":["body"],"msg":"field required"}]}"#, BadRequest),
        (401, "", Auth),
        (402, "", QuotaExceeded),
        (403, "", Auth),
        (403, r#"{"error":{"code":"model_not_found","message":"no access"}}"#, NotFound),
        (404, "<html>nginx</html>", NotFound),
        (407, "", Network),
        (413, "", TooLarge),
        (422, "", BadRequest),
        (429, "", RateLimited),
        (429, r#"{"error":{"code":"insufficient_quota","message":"You exceeded your quota"}}"#, QuotaExceeded),
        (500, "", Server),
        (500, r#"{"error":{"code":500,"message":"image input is not supported","type":"server_error"}}"#, BadRequest),
        (501, r#"{"error":{"code":501,"message":"x","type":"not_supported_error"}}"#, BadRequest),
        (502, "<html>", Server),
        (503, r#"{"error":{"code":"server_is_overloaded"}}"#, Overloaded),
        (529, "", Server),
    ] {
        let fault = fault(status, body);
        assert_eq!((fault.kind, fault.status), (kind, Some(status)), "{status} {body}");
    }
}

#[test]
fn every_sentence_says_what_where_and_the_next_step() {
    let mut lines = Vec::new();
    for (status, body) in [
        (401, r#"{"error":{"message":"Incorrect API key.\n\u001b[31mSee x."}}"#),
        (404, r#"{"error":{"message":"The model does not exist","code":"model_not_found"}}"#),
        (413, ""),
        (429, r#"{"error":{"message":"Slow down, please try again in 20ms."}}"#),
        (500, "upstream died"),
        (502, "<html><body>Bad gateway</body></html>"),
    ] {
        lines.push(fault(status, body).line());
    }
    assert_eq!(
        lines,
        [
            "host.test refused the key of provider `test` (401): Incorrect API key. [31mSee x. Check the key and what \
             it may use, then send the message again.",
            "host.test does not know the model `model-x` or the address (404): The model does not exist. Choose another \
             model with `-m`, or check `base_url` of provider `test`.",
            "The request is too large for host.test (413). Start a new session, or leave out images and long outputs.",
            "host.test limits the rate of requests for `model-x` (429): Slow down, please try again in 20ms. Wait a \
             little, then send the message again.",
            "host.test failed while answering for `model-x` (500): upstream died. Send the message again later; if it \
             stays, look at the server's status or log.",
            "host.test failed while answering for `model-x` (502): the answer is a web page. Send the message again \
             later; if it stays, look at the server's status or log.",
        ]
    );
}

#[test]
fn waits_are_told_where_trying_again_can_help() {
    let after = headers(&[("retry-after", "3"), ("x-request-id", "req_1")]);
    let told = |status: u16| http::status(&place(), StatusCode::from_u16(status).unwrap(), &after, b"");
    assert_eq!(told(429).retry_after_ms, Some(3000));
    assert_eq!(told(503).retry_after_ms, Some(3000));
    assert!(told(503).summary.ends_with("(503). (Request `req_1`.)"), "{}", told(503).summary);
    assert_eq!(told(400).retry_after_ms, None);
    assert_eq!(fault(429, r#"{"error":{"message":"try again in 1.5s"}}"#).retry_after_ms, Some(1500));
}

#[test]
fn redirects_name_their_target_without_its_query() {
    let to = headers(&[("location", "https://login.test/x?token=abc")]);
    let fault = http::status(&place(), StatusCode::FOUND, &to, b"");
    assert_eq!(fault.kind, FaultKind::BadRequest);
    assert_eq!(fault.summary, "host.test redirects to `https://login.test/x` (302); redirects are not followed.");
}

#[test]
fn an_answer_that_is_no_stream() {
    let page = headers(&[("content-type", "text/html")]);
    let fault = http::no_stream(&place(), &page, format!("<html>\u{7}{}", "é".repeat(300)).as_bytes());
    assert_eq!(fault.kind, FaultKind::Malformed);
    let begins = fault.summary.split("It begins: ").nth(1).unwrap();
    assert!(begins.starts_with("<html> é") && begins.len() <= 200, "{begins}");
    let error = http::no_stream(&place(), &page, br#"{"error":{"code":"insufficient_quota","message":"m"}}"#);
    assert_eq!(error.kind, FaultKind::QuotaExceeded);
}
