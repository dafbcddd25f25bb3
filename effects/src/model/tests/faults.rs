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
        Auth, BadRequest, ContextTooLong, ForeignReasoning, Network, NotFound, Overloaded, QuotaExceeded, RateLimited,
        Server, TooLarge,
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
        (503, r#"{"error":{"message":"The engine is currently overloaded, please try again later"}}"#, Overloaded),
        (503, r#"{"error":{"code":"slow_down","message":"Slow down"}}"#, Overloaded),
        (529, "", Overloaded),
        (529, r#"{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}"#, Overloaded),
        // Errors in every wrapping.
        (400, r#"[{"error":{"code":400,"message":"API key not valid.","status":"INVALID_ARGUMENT"}}]"#, BadRequest),
        (
            429,
            r#"[{"error":{"code":429,"message":"You exceeded your current quota","status":"RESOURCE_EXHAUSTED"}}]"#,
            RateLimited,
        ),
        (500, r#"{"error":{"error":{"code":"context_length_exceeded","message":"m"}}}"#, ContextTooLong),
        (
            502,
            r#"{"error":{"code":502,"message":"Provider returned error","metadata":{"raw":"{\"error\":{\"code\":\"insufficient_quota\"}}"}}}"#,
            QuotaExceeded,
        ),
        (
            400,
            r#"{"error":{"code":400,"message":"x","metadata":{"raw":{"code":"context_length_exceeded"}}}}"#,
            ContextTooLong,
        ),
        (500, r#"{"error":"model 'x' not found, try pulling it first"}"#, NotFound),
        (400, r#"{"error":{"code":"invalid_encrypted_content","message":"m"}}"#, ForeignReasoning),
        (422, r#"{"error":{"message":"The encrypted content gAAA could not be verified."}}"#, ForeignReasoning),
        (400, r#"{"error":{"message":"Unknown parameter: 'input[2].encrypted_content'."}}"#, ForeignReasoning),
        (400, r#"{"error":{"message":"Encrypted content is not supported with this model."}}"#, BadRequest),
        (500, "data: {\"error\":{\"code\":\"invalid_api_key\"}}\n\n", Auth),
        (500, r#"{"detail":"{\"error\":{\"code\":402}}"}"#, QuotaExceeded),
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
        (502, "<!DOCTYPE html>\n<html><head><TITLE lang=en> 502 Bad\nGateway </TITLE></head></html>"),
        (503, "<html><body><h1>Service Unavailable</h1></body></html>"),
        (400, r#"[{"error":{"code":400,"message":"Unknown name.","status":"INVALID_ARGUMENT"}}]"#),
        (400, r#"{"detail":[{"loc":["body","x"],"msg":"field required"},{"msg":"too short"}]}"#),
        (
            400,
            r#"{"error":{"code":400,"message":"Provider returned error","metadata":{"provider_name":"P","raw":"{\"error\":{\"message\":\"Tools are broken.\",\"code\":\"x\"}}"}}}"#,
        ),
        (400, r#"{"error":{"message":"Provider returned error","metadata":{"raw":"no JSON at all"}}}"#),
        (402, r#"{"error":402}"#),
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
             moment, then send the message again.",
            "host.test failed while answering for `model-x` (500): upstream died. Send the message again later; if it \
             keeps failing, check the server's status or log.",
            "host.test failed while answering for `model-x` (502): the answer is a web page. Send the message again \
             later; if it keeps failing, check the server's status or log.",
            "host.test failed while answering for `model-x` (502): the answer is a web page, \"502 Bad Gateway\". Send the \
             message again later; if it keeps failing, check the server's status or log.",
            "host.test failed while answering for `model-x` (503): the answer is a web page, \"Service Unavailable\". Send \
             the message again later; if it keeps failing, check the server's status or log.",
            "host.test rejected the request for `model-x` (400): Unknown name. Trying again will not help: change the model \
             or the setting that the message names.",
            "host.test rejected the request for `model-x` (400): field required; too short. Trying again will not help: \
             change the model or the setting that the message names.",
            "host.test rejected the request for `model-x` (400): Provider returned error: Tools are broken. Trying \
             again will not help: change the model or the setting that the message names.",
            "host.test rejected the request for `model-x` (400): Provider returned error: no JSON at all. Trying \
             again will not help: change the model or the setting that the message names.",
            "The quota of provider `test` at host.test is used up (402): 402. Check the plan and billing there, or choose \
             another provider.",
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
    assert_eq!(told(529).retry_after_ms, Some(3000));
    assert_eq!(told(400).retry_after_ms, None);
    let dated = headers(&[("retry-after", "Sun, 22 Nov 2026 12:00:30 GMT"), ("date", "Sun, 22 Nov 2026 12:00:10 GMT")]);
    let overloaded = br#"{"error":{"code":"server_is_overloaded"}}"#;
    let told = http::status(&place(), StatusCode::SERVICE_UNAVAILABLE, &dated, overloaded);
    assert_eq!((told.kind, told.retry_after_ms), (FaultKind::Overloaded, Some(20_000)));
    let gemini = r#"[{"error":{"code":429,"status":"RESOURCE_EXHAUSTED","details":[{"retryDelay":"34s"}]}}]"#;
    assert_eq!(fault(429, gemini).retry_after_ms, Some(34_000));
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

#[test]
fn a_local_server_says_how_its_models_and_itself_are_got() {
    for (provider, host, hint) in [
        ("oss", "localhost:11434", "`ollama pull model-x`"),
        ("Ollama", "gpu.test", "`ollama pull model-x`"),
        ("local", "127.0.0.1:1234", "`lms get model-x`"),
        ("local", "127.0.0.1:8080", "Choose another model with `-m`, or check `base_url`"),
    ] {
        let place = crate::model::place::Place { provider: provider.into(), host: host.into(), ..place() };
        let fault = http::status(&place, StatusCode::NOT_FOUND, &HeaderMap::new(), br#"{"error":"model not found"}"#);
        assert!(fault.line().contains(hint), "{}", fault.line());
        assert_eq!(place.starter().is_some(), !hint.contains("base_url"), "{host}");
    }
}
