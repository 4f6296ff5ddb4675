//! As much of HTTP/1.1 as it takes to pass a request on, and answers as text.

use std::io;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// The bytes of a whole request; `None` when the client left before the end.
pub(super) async fn read_request(stream: &mut TcpStream) -> Option<Vec<u8>> {
    let mut read = Vec::new();
    let head_end = loop {
        if let Some(end) = head_end(&read) {
            break end;
        }
        read_more(stream, &mut read).await?;
    };
    let head = String::from_utf8(read[..head_end].to_vec()).ok()?;
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().ok())?
    });
    while read.len() < head_end + length.unwrap_or(0) {
        read_more(stream, &mut read).await?;
    }
    Some(read)
}

/// Sends a request to a server on this port, and gives the bytes of its answer.
pub(super) async fn exchange(port: u16, request: &[u8]) -> io::Result<Vec<u8>> {
    let line_end = request.windows(2).position(|pair| pair == b"\r\n").map_or(0, |at| at + 2);
    let (line, rest) = request.split_at(line_end);
    let mut server = TcpStream::connect(("127.0.0.1", port)).await?;
    // The server closes the connection after its answer, so that the answer's end is known.
    server.write_all(&[line, b"Connection: close\r\n", rest].concat()).await?;
    let mut answer = Vec::new();
    server.read_to_end(&mut answer).await?;
    Ok(answer)
}

/// The body of a whole answer, which is not chunked.
pub(super) fn body(answer: &[u8]) -> String {
    String::from_utf8_lossy(&answer[head_end(answer).unwrap_or(0)..]).into_owned()
}

fn head_end(message: &[u8]) -> Option<usize> {
    message.windows(4).position(|window| window == b"\r\n\r\n").map(|at| at + 4)
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
