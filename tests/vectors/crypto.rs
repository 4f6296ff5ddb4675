//! Keys and containers of the package, bit for bit.

use auth_runtime::codec::{RequestCookies, SeenNames};
use auth_tests::{derive, derive_signing, owner, ring, seal_raw, session, sign_v3, time};

use crate::file::CryptoVector;

pub(crate) fn check(vector: &CryptoVector) -> Result<(), String> {
    // The helpers of these tests, on which every hostile cookie rests, make what the package makes.
    let same = |what: &str, found: &str, expected: &str| {
        if found == expected { Ok(()) } else { Err(format!("{what}: {found}, expected {expected}")) }
    };
    let key =
        |name: &str| vector.hkdf.get(name).and_then(|value| value.as_str()).unwrap_or_default().to_owned();
    same("encryption key", &hex(&derive(&vector.secret)), &key("JWE CEK"))?;
    same("signing key", &hex(&derive_signing(&vector.secret)), &key("JWS Cookie Signing"))?;
    let iv = unhex(&vector.iv_hex).and_then(|iv| iv.try_into().ok()).ok_or("no 12 bytes of IV")?;
    let header = vector.protected_header_json.as_bytes();
    same("container", &seal_raw(&vector.secret, header, vector.plaintext.as_bytes(), iv), &vector.jwe)?;
    let parts: Vec<_> = vector.jwe.split('.').collect();
    for (part, bytes) in [(3, &vector.ciphertext_hex), (4, &vector.tag_hex)] {
        let expected = auth_tests::url64(&unhex(bytes).ok_or("no hexadecimal")?);
        same("part", parts.get(part).copied().unwrap_or_default(), &expected)?;
    }

    // The runtime opens it.
    let ring = ring(&[&vector.secret]);
    let opened = ring.open(&vector.jwe).map_err(|error| error.to_string())?;
    same("plaintext", opened.plaintext.text().unwrap_or_default(), &vector.plaintext)?;

    // What the runtime writes has this header.
    let document =
        auth_runtime::codec::SessionDocument::parse(session("u", "")).map_err(|error| error.to_string())?;
    let lines = owner().write(&document, &[], &SeenNames::default(), time(auth_tests::NOW));
    let lines = lines.map_err(|error| error.to_string())?;
    let header = lines.first().and_then(|line| line.value().split('.').next()).unwrap_or_default();
    same("header", header, &vector.aad_ascii)?;

    // The runtime verifies what is signed with the other key.
    let codec = auth_runtime::codec::SessionCodec::builder(ring).legacy(true).build();
    let signed = format!("appSession={}", sign_v3(&vector.secret, "appSession", "some-id"));
    let cookies = RequestCookies::scan([signed.as_bytes()], codec.cookie_name());
    let id = codec.read_store_id(&cookies, time(0)).map_err(|reason| reason.to_string())?;
    same("signed id", id.as_str(), "some-id")
}

fn hex(bytes: &[u8]) -> String {
    let digits: Vec<_> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    digits.concat()
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits = text.as_bytes().chunks(2);
    digits.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()).collect()
}
