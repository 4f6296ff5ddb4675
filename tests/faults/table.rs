//! The faults that any endpoint can have.

use std::time::Duration;

use auth_tests::front::{Behaviour, Step, json_answer, whole_answer};

use crate::raw::{
    BYTE_PAUSE, MARKER, at_accept, bytes, chunked, error, framed, gzip, gzip_bomb, json, page, rewritten,
    steps, surrounded, utf16, with_a_member_twice, with_depth, with_head, with_padding,
};
use crate::upstream::{Endpoint, Upstream};

/// One way to be faulty.
pub(crate) struct Fault {
    pub(crate) name: String,
    /// The rows of the list of attacks that it belongs to.
    pub(crate) rows: &'static str,
    pub(crate) behaviour: Behaviour,
    /// What a request that depends on the metadata or the keys comes to.
    pub(crate) document: Outcome,
    /// What a request that depends on the token endpoint comes to.
    pub(crate) token: Outcome,
    /// Whether only the deadline ends it.
    pub(crate) hangs: bool,
    /// Whether it outlives the fault, because what was answered is well-formed and kept for a while (JWK-04).
    pub(crate) lasts: bool,
}

/// What the client may see of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Nothing: the answer is odd and whole.
    Fine,
    /// 503: later may be better.
    Unavailable,
    /// 502: the provider answers, and not as a provider.
    Nonsense,
    /// 400: the user has to begin again.
    Refused,
    /// 500: this application can't keep what it was given.
    TooLarge,
}

use Outcome::{Fine, Nonsense, Unavailable};

/// The redirects lead to another path of `endpoint` and to elsewhere.
pub(crate) fn faults(upstream: &Upstream, endpoint: Endpoint) -> Vec<Fault> {
    let mut faults = Vec::new();
    connections(&mut faults);
    heads(&mut faults);
    informational(&mut faults);
    lengths(&mut faults);
    chunks(&mut faults);
    sizes(&mut faults);
    server_errors(&mut faults);
    other_statuses(&mut faults);
    media_types(&mut faults);
    bodies(&mut faults);
    redirects(&mut faults, &format!("{}/more", upstream.url(endpoint)), &upstream.url(Endpoint::Elsewhere));
    faults
}

fn fault(
    faults: &mut Vec<Fault>,
    name: impl Into<String>,
    rows: &'static str,
    (document, token): (Outcome, Outcome),
    behaviour: Behaviour,
) {
    faults.push(Fault { name: name.into(), rows, behaviour, document, token, hangs: false, lasts: false });
}

fn hanging(faults: &mut Vec<Fault>, name: &str, rows: &'static str, behaviour: Behaviour) {
    fault(faults, name, rows, GONE, behaviour);
    faults.last_mut().unwrap().hangs = true;
}

/// No answer.
const GONE: (Outcome, Outcome) = (Unavailable, Unavailable);
/// An answer that is none.
const WRONG: (Outcome, Outcome) = (Unavailable, Nonsense);
/// An answer all the same.
const WELL: (Outcome, Outcome) = (Fine, Fine);
/// An answer from which what is needed can be read. Of the token endpoint more is demanded: its media type (RFC 6749
/// section 5.1), and that what is stored with the session stays shallow.
const TYPED: (Outcome, Outcome) = (Fine, Nonsense);

fn connections(faults: &mut Vec<Fault>) {
    fault(faults, "connection refused", "TOK-03", GONE, Behaviour::Refuse);
    fault(faults, "reset when accepted", "TOK-03", GONE, at_accept([Step::Reset]));
    fault(faults, "closed when accepted", "TOK-03", GONE, at_accept([]));
    fault(faults, "reset after the request", "TOK-03", GONE, Behaviour::Instead(vec![Step::Reset]));
    fault(faults, "closed after the request", "TOK-03", GONE, Behaviour::Instead(vec![]));
    hanging(faults, "silence when accepted", "TOK-02", at_accept([Step::Pause(BYTE_PAUSE * 1000)]));
    hanging(faults, "silence after the request", "TOK-02", Behaviour::Instead(vec![Step::Hold]));
    fault(
        faults,
        "slow, and in time",
        "TOK-02",
        WELL,
        Behaviour::after(|body| vec![Step::Pause(BYTE_PAUSE), Step::Send(json_answer(200, body))]),
    );
    // A fatal alert, `unexpected_message` (RFC 8446 section 6).
    let alert = [0x15, 3, 3, 0, 2, 2, 10];
    fault(faults, "TLS on the plain port", "TOK-03", GONE, at_accept([Step::Send(alert.to_vec())]));
    fault(faults, "SSH on the port", "TOK-03", GONE, at_accept([Step::Send(b"SSH-2.0-x\r\n".to_vec())]));
    let settings = [0, 0, 0, 4, 0, 0, 0, 0, 0];
    fault(faults, "HTTP/2 frames", "TOK-03", GONE, bytes(settings));
}

fn heads(faults: &mut Vec<Fault>) {
    fault(
        faults,
        "a body without a head",
        "TOK-03",
        GONE,
        Behaviour::after(|body| vec![Step::Send(body.as_bytes().to_vec())]),
    );
    for (name, line) in [
        ("HTTP/9.9", "HTTP/9.9 200 OK"),
        ("the version in lower case", "http/1.1 200 OK"),
        ("no status", "HTTP/1.1 "),
        ("a status of four digits", "HTTP/1.1 2000 OK"),
        ("a status of letters", "HTTP/1.1 abc OK"),
        ("a negative status", "HTTP/1.1 -20 OK"),
        ("another protocol's status line", "ICY 200 OK"),
        ("a request for an answer", "GET / HTTP/1.1"),
    ] {
        let body = format!("{line}\r\nContent-Length: 2\r\n\r\n{{}}");
        fault(faults, name, "TOK-03", GONE, bytes(body));
    }
    hanging(faults, "a head that drips", "TOK-02", steps(|answer| vec![Step::Drip(answer, BYTE_PAUSE)]));
    let start = || Step::Send(b"HTTP/1.1 200 OK\r\n".to_vec());
    fault(
        faults,
        "headers without end",
        "TOK-03",
        GONE,
        Behaviour::Instead(vec![start(), Step::Flood(b"X-More: 0123456789\r\n".repeat(512), 5_000)]),
    );
    fault(
        faults,
        "a header without end",
        "TOK-03",
        GONE,
        Behaviour::Instead(vec![
            start(),
            Step::Send(b"X-More: ".to_vec()),
            Step::Flood(vec![b'a'; 16_384], 3_000),
        ]),
    );
    fault(faults, "a header without a colon", "TOK-03", GONE, bytes("HTTP/1.1 200 OK\r\nnonsense\r\n\r\n{}"));
    fault(faults, "a NUL in a header", "TOK-03", GONE, bytes("HTTP/1.1 200 OK\r\nX-A: \0\r\n\r\n{}"));
    fault(
        faults,
        "cut off in the head",
        "TOK-03",
        GONE,
        steps(|answer| vec![Step::Send(answer[..40].to_vec())]),
    );
}

fn informational(faults: &mut Vec<Fault>) {
    let proceed = b"HTTP/1.1 100 Continue\r\n\r\n";
    fault(faults, "100 twenty times before the answer", "TOK-03", WELL, surrounded(proceed.repeat(20), ""));
    let hints = "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n";
    fault(faults, "103 before the answer", "TOK-03", WELL, surrounded(hints, ""));
    hanging(
        faults,
        "100 without end",
        "TOK-02",
        Behaviour::Instead(
            vec![[Step::Send(proceed.repeat(50)), Step::Pause(BYTE_PAUSE / 4)]; 2_000].concat(),
        ),
    );
    fault(
        faults,
        "101 to another protocol",
        "TOK-03",
        WRONG,
        bytes("HTTP/1.1 101 Go\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n"),
    );
    fault(faults, "two answers in one", "TOK-03", WELL, surrounded("", whole_answer("500 No", "", MARKER)));
    fault(faults, "garbage behind the answer", "TOK-03", WELL, surrounded("", "\0\r\n\r\ngarbage"));
}

fn lengths(faults: &mut Vec<Fault>) {
    fault(
        faults,
        "shorter than its length",
        "TOK-03",
        GONE,
        steps(|answer| vec![Step::Send(answer[..answer.len() - 5].to_vec())]),
    );
    fault(
        faults,
        "reset in the body",
        "TOK-03",
        GONE,
        steps(|answer| {
            let half = answer[..answer.len() - 20].to_vec();
            vec![Step::Send(half), Step::Pause(BYTE_PAUSE / 4), Step::Reset]
        }),
    );
    hanging(
        faults,
        "a body that stops",
        "TOK-02",
        steps(|answer| vec![Step::Send(answer[..answer.len() - 5].to_vec()), Step::Hold]),
    );
    hanging(
        faults,
        "a body that drips",
        "TOK-02",
        steps(|answer| {
            let (head, body) = answer.split_at(answer.len() - 60);
            vec![Step::Send(head.to_vec()), Step::Drip(body.to_vec(), BYTE_PAUSE)]
        }),
    );
    for (name, header) in [
        ("a length of letters", "Content-Length: abc\r\n"),
        ("a negative length", "Content-Length: -1\r\n"),
        ("a length over 64 bits", "Content-Length: 18446744073709551616\r\n"),
        ("the longest length", "Content-Length: 18446744073709551615\r\n"),
        ("two lengths", "Content-Length: 3\r\nContent-Length: 4000\r\n"),
    ] {
        fault(faults, name, "TOK-03", GONE, framed(header, |body| body.as_bytes().to_vec()));
    }
    fault(faults, "no length, and closed", "TOK-03", WELL, framed("", |body| body.as_bytes().to_vec()));
}

fn chunks(faults: &mut Vec<Fault>) {
    let encoded = "Transfer-Encoding: chunked\r\n";
    fault(faults, "a byte per chunk", "TOK-03", WELL, framed(encoded, |body| chunked(body, 1)));
    let whole = |body: &str| String::from_utf8(chunked(body, 4_096)).unwrap();
    fault(
        faults,
        "a chunk size of letters",
        "TOK-03",
        GONE,
        framed(encoded, |_| b"zz\r\n{}\r\n0\r\n\r\n".to_vec()),
    );
    fault(
        faults,
        "a chunk size over 64 bits",
        "TOK-03",
        GONE,
        framed(encoded, |body| format!("FFFFFFFFFFFFFFFFF\r\n{body}").into_bytes()),
    );
    fault(
        faults,
        "chunks without the last",
        "TOK-03",
        GONE,
        framed(encoded, move |body| whole(body).trim_end_matches("0\r\n\r\n").as_bytes().to_vec()),
    );
    fault(
        faults,
        "a chunk longer than it says",
        "TOK-03",
        GONE,
        framed(encoded, |body| format!("5\r\n{body}\r\n0\r\n\r\n").into_bytes()),
    );
    fault(
        faults,
        "a chunk extension without end",
        "TOK-03",
        GONE,
        Behaviour::Instead(vec![
            Step::Send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;".to_vec()),
            Step::Flood(vec![b'a'; 16_384], 3_000),
        ]),
    );
}

fn sizes(faults: &mut Vec<Fault>) {
    let json_type = "Content-Type: application/json\r\n";
    fault(faults, "2 MB of JSON", "JWK-02, TOK-09", WRONG, rewritten(|body| with_padding(body, 2_000_000)));
    let flood = move |length: &'static str| {
        let head = format!("HTTP/1.1 200 OK\r\n{json_type}{length}\r\n{{\"x\":\"");
        Behaviour::Instead(vec![Step::Send(head.into_bytes()), Step::Flood(vec![b'a'; 65_536], 800)])
    };
    fault(faults, "50 MB, announced", "JWK-02", WRONG, flood("Content-Length: 52428806\r\n"));
    fault(faults, "50 MB, not announced", "JWK-02", WRONG, flood("Connection: close\r\n"));
    let zipped = "Content-Type: application/json\r\nContent-Encoding: gzip\r\n";
    fault(faults, "a gzip bomb", "JWK-02", WRONG, bytes(whole_answer("200 OK", zipped, gzip_bomb())));
    fault(
        faults,
        "gzip that nobody asked for",
        "JWK-02",
        WRONG,
        Behaviour::after(move |body| vec![Step::Send(whole_answer("200 OK", zipped, gzip(body.as_bytes())))]),
    );
}

fn server_errors(faults: &mut Vec<Fault>) {
    for status in [
        "500 Internal Server Error",
        "502 Bad Gateway",
        "503 Service Unavailable",
        "504 Gateway Timeout",
        "599 Else",
    ] {
        fault(faults, format!("{} with HTML", &status[..3]), "TOK-04", GONE, page(status, ""));
        fault(
            faults,
            format!("{} with JSON", &status[..3]),
            "TOK-04",
            GONE,
            error(status, "", "temporarily_unavailable"),
        );
    }
    fault(faults, "500 without a body", "TOK-04", GONE, bytes(whole_answer("500 No", "", "")));
    fault(
        faults,
        "500 with the healthy body",
        "TOK-04",
        GONE,
        Behaviour::after(|body| vec![Step::Send(json_answer(500, body))]),
    );
    for (name, value) in [
        ("503, later in seconds", "7"),
        ("503, later at a date", "Thu, 01 Jan 2099 00:00:00 GMT"),
        ("503, later at nonsense", "soon\u{e9}"),
        ("503, later in a negative time", "-1"),
        ("503, later in ages", "99999999999999999999999"),
    ] {
        fault(faults, name, "TOK-04", GONE, page("503 Later", &format!("Retry-After: {value}\r\n")));
    }
    fault(faults, "429", "TOK-04", GONE, error("429 Slow", "Retry-After: 7\r\n", "slow_down"));
    fault(faults, "408", "TOK-04", GONE, page("408 Request Timeout", ""));
}

fn other_statuses(faults: &mut Vec<Fault>) {
    for status in [
        "400 Bad Request",
        "401 Unauthorized",
        "403 Forbidden",
        "404 Not Found",
        "405 No",
        "413 Large",
        "418 Teapot",
        "451 Law",
    ] {
        fault(faults, format!("{} with HTML", &status[..3]), "TOK-06", WRONG, page(status, ""));
    }
    fault(
        faults,
        "401 that asks for a password",
        "TOK-06",
        WRONG,
        page("401 No", "WWW-Authenticate: Basic realm=\"x\"\r\n"),
    );
    fault(faults, "204", "TOK-06", WRONG, bytes("HTTP/1.1 204 No Content\r\n\r\n"));
    fault(
        faults,
        "205",
        "TOK-06",
        WRONG,
        with_head("205 Reset Content", "Content-Type: application/json\r\n"),
    );
    fault(
        faults,
        "201 with the healthy body",
        "TOK-06",
        WRONG,
        with_head("201 Created", "Content-Type: application/json\r\n"),
    );
    fault(
        faults,
        "206 with the healthy body",
        "TOK-06",
        WRONG,
        with_head("206 Partial", "Content-Type: application/json\r\n"),
    );
    fault(
        faults,
        "299 with the healthy body",
        "TOK-06",
        WRONG,
        with_head("299 Else", "Content-Type: application/json\r\n"),
    );
    fault(
        faults,
        "399 with the healthy body",
        "TOK-06",
        WRONG,
        with_head("399 Else", "Content-Type: application/json\r\n"),
    );
    fault(
        faults,
        "600 with the healthy body",
        "TOK-06",
        WRONG,
        with_head("600 Else", "Content-Type: application/json\r\n"),
    );
}

fn media_types(faults: &mut Vec<Fault>) {
    fault(faults, "200 with HTML", "TOK-06", WRONG, page("200 OK", ""));
    fault(faults, "JSON called HTML", "TOK-06", TYPED, with_head("200 OK", "Content-Type: text/html\r\n"));
    fault(faults, "JSON called text", "TOK-06", TYPED, with_head("200 OK", "Content-Type: text/plain\r\n"));
    fault(faults, "JSON called nothing", "TOK-06", TYPED, with_head("200 OK", ""));
    fault(
        faults,
        "JSON with a charset",
        "TOK-06",
        WELL,
        with_head("200 OK", "Content-Type: Application/JSON; charset=utf-8\r\n"),
    );
}

fn bodies(faults: &mut Vec<Fault>) {
    fault(faults, "nothing", "TOK-06", WRONG, json(""));
    fault(faults, "white space", "TOK-06", WRONG, json(" \r\n\t"));
    for body in ["[]", "{}", "null", "\"x\"", "1", "true", "{", "{\"a\":}", "{a:1}", "NaN", "\0"] {
        fault(faults, body.escape_default().to_string(), "TOK-06", WRONG, json(body));
    }
    fault(faults, "an error with status 200", "TOK-06", WRONG, json(r#"{"error":"invalid_request"}"#));
    fault(faults, "100,000 brackets", "TOK-06", WRONG, json("[".repeat(100_000)));
    fault(faults, "depth in a member", "TOK-06", TYPED, rewritten(|body| with_depth(body, 50_000)));
    fault(faults, "a member twice", "TOK-06", WRONG, rewritten(with_a_member_twice));
    fault(faults, "a BOM", "TOK-06", WRONG, rewritten(|body| format!("\u{feff}{body}").into_bytes()));
    fault(faults, "UTF-16", "TOK-06", WRONG, rewritten(utf16));
    fault(
        faults,
        "invalid UTF-8",
        "TOK-06",
        WRONG,
        rewritten(|body| [&b"{\"\xff\":1,"[..], &body.as_bytes()[1..]].concat()),
    );
    fault(faults, "cut off", "TOK-03", WRONG, rewritten(|body| body.as_bytes()[..body.len() - 1].to_vec()));
    fault(
        faults,
        "more behind the object",
        "TOK-06",
        WRONG,
        rewritten(|body| format!("{body}x").into_bytes()),
    );
    fault(
        faults,
        "the object twice",
        "TOK-06",
        WRONG,
        rewritten(|body| format!("{body}{body}").into_bytes()),
    );
    fault(faults, "in an array", "TOK-06", WRONG, rewritten(|body| format!("[{body}]").into_bytes()));
    fault(faults, "with a comment", "TOK-06", WRONG, rewritten(|body| format!("/**/{body}").into_bytes()));
    fault(
        faults,
        "a comma too many",
        "TOK-06",
        WRONG,
        rewritten(|body| format!("{},}}", &body[..body.len() - 1]).into_bytes()),
    );
    fault(
        faults,
        "much white space",
        "TOK-06",
        WELL,
        rewritten(|body| format!("{}{body}\n", " ".repeat(9_000)).into_bytes()),
    );
}

fn redirects(faults: &mut Vec<Fault>, same_host: &str, elsewhere: &str) {
    for status in ["301", "302", "303", "307", "308"] {
        for (to, location) in [
            ("the same host", same_host),
            ("another host", elsewhere),
            ("the metadata address", "http://169.254.169.254/latest/meta-data/"),
        ] {
            fault(faults, format!("{status} to {to}"), "TOK-08", WRONG, redirect(status, location));
        }
    }
    fault(faults, "302 to a file", "TOK-08", WRONG, redirect("302", "file:///etc/passwd"));
    fault(
        faults,
        "307 without a location",
        "TOK-08",
        WRONG,
        bytes("HTTP/1.1 307 Go\r\nContent-Length: 0\r\n\r\n"),
    );
    fault(faults, "300", "TOK-08", WRONG, redirect("300", elsewhere));
    fault(faults, "304", "TOK-08", WRONG, bytes("HTTP/1.1 304 Not Modified\r\nETag: \"x\"\r\n\r\n"));
    fault(
        faults,
        "a page that refreshes to elsewhere",
        "TOK-08",
        WRONG,
        page("200 OK", &format!("Refresh: 0; url={elsewhere}\r\n")),
    );
}

fn redirect(status: &str, location: &str) -> Behaviour {
    let head = format!("Location: {location}\r\nContent-Type: application/json\r\n");
    bytes(whole_answer(&format!("{status} Go"), &head, MARKER))
}

/// The deadline under which hanging faults are tried, and the one under which a slow machine does not matter.
pub(crate) const SHORT: Duration = Duration::from_secs(2);
pub(crate) const LONG: Duration = Duration::from_secs(60);
