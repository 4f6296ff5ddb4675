//! The limits on the token sets that a session holds beside those of its sign-in.

/// Removes the oldest token sets until the rest is within [`MAX_TOKEN_SETS`] and [`MAX_TOKEN_SETS_BYTES`]. The last
/// token set is the newest and always stays: if it is too large by itself, the write of the cookie or the record
/// refuses it.
///
/// The application can ask for a removed token again: the session's refresh token is then exchanged for a new one.
pub(crate) fn keep_newest<T>(token_sets: &mut Vec<T>, bytes_of: impl Fn(&T) -> usize) {
    let mut bytes = 0_usize;
    let newest_first = token_sets.iter().rev().take(MAX_TOKEN_SETS);
    let fitting = newest_first.take_while(|token_set| {
        bytes = bytes.saturating_add(bytes_of(token_set));
        bytes <= MAX_TOKEN_SETS_BYTES
    });
    let kept = fitting.count().max(1);
    token_sets.drain(..token_sets.len().saturating_sub(kept));
}

/// The number of token sets. A page may ask for any audience and a handler for any connection, and every byte of a
/// session in cookies travels in each request.
pub(crate) const MAX_TOKEN_SETS: usize = 16;

/// The bytes of all token sets: sixteen tokens of 4 KiB, which is as much as a cookie or a header takes. A session in
/// cookies, of 84 KB at most, has room for its sign-in beside them.
const MAX_TOKEN_SETS_BYTES: usize = 64 * 1_024;

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(sizes: &[usize]) -> Vec<usize> {
        let mut sizes = sizes.to_vec();
        keep_newest(&mut sizes, |size| *size);
        sizes
    }

    #[test]
    fn dos_04_the_newest_stay_within_a_number_and_within_bytes() {
        assert_eq!(kept(&[]), [0; 0]);
        assert_eq!(kept(&[1; MAX_TOKEN_SETS + 5]).len(), MAX_TOKEN_SETS);
        assert_eq!(kept(&[1, 2, MAX_TOKEN_SETS_BYTES - 3, 3]), [MAX_TOKEN_SETS_BYTES - 3, 3]);
        assert_eq!(kept(&[MAX_TOKEN_SETS_BYTES]), [MAX_TOKEN_SETS_BYTES]);
        assert_eq!(kept(&[1, MAX_TOKEN_SETS_BYTES + 1]), [MAX_TOKEN_SETS_BYTES + 1], "the newest stays");
    }
}
