//! As much of HTTP/1.1 as a client of a provider sends, and answers as text.

use std::collections::HashMap;

use tokio::io::AsyncReadExt as _;
use tokio::net::TcpStream;

/// A whole request.
#[derive(Debug)]
pub(super) struct Request {
    /// Without the query.
    pub(super) path: String,
    pub(super) form: HashMap<String, String>,
}

/// `None` when the client left before the end.
pub(super) async fn read_request(stream: &mut TcpStream) -> Option<Request> {
    let mut read = Vec::new();
    let head_end = loop {
        if let Some(position) = read.windows(4).position(|window| window == b"\r\n\r\n") {
            break position + 4;
        }
        read_more(stream, &mut read).await?;
    };
    let head = String::from_utf8(read[..head_end].to_vec()).ok()?;
    let path = head.split([' ', '?']).nth(1)?.to_owned();
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().ok())?
    });
    let whole = head_end + length.unwrap_or(0);
    while read.len() < whole {
        read_more(stream, &mut read).await?;
    }
    let form = url::form_urlencoded::parse(&read[head_end..whole]).into_owned().collect();
    Some(Request { path, form })
}

async fn read_more(stream: &mut TcpStream, read: &mut Vec<u8>) -> Option<()> {
    let count = stream.read_buf(read).await.ok()?;
    (count > 0).then_some(())
}

/// A whole answer, after which the connection ends. Each of `headers` has its line break.
pub fn whole_answer(status: &str, headers: &str, body: impl AsRef<[u8]>) -> Vec<u8> {
    let body = body.as_ref();
    let head =
        format!("HTTP/1.1 {status}\r\n{headers}Content-Length: {}\r\nConnection: close\r\n\r\n", body.len());
    [head.as_bytes(), body].concat()
}

/// A whole answer of JSON.
pub fn json_answer(status: u16, body: impl AsRef<[u8]>) -> Vec<u8> {
    whole_answer(&format!("{status} Said"), "Content-Type: application/json\r\n", body)
}
