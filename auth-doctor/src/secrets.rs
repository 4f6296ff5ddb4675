//! The secrets to try, and what is doubtful about them.

use auth_runtime::codec::{KeyRing, MAX_SECRETS, Secret};

use crate::findings::Finding;

/// Secrets in the order in which they are tried. `Debug` of each shows nothing.
#[derive(Debug)]
pub(crate) struct Secrets {
    secrets: Vec<Secret>,
    /// Variants of each secret, with white space around it lost or added, and the hint for each.
    near: Vec<(Secret, String)>,
}

impl Secrets {
    pub(crate) fn new(texts: impl IntoIterator<Item = String>) -> Self {
        let (mut secrets, mut near) = (Vec::new(), Vec::new());
        for (text, number) in texts.into_iter().zip(1..) {
            let trimmed = text.trim();
            if trimmed.len() < text.len() {
                near.push((
                    Secret::new(trimmed),
                    format!("secret {number} without the white space around it opens it: remove the white space from the secret"),
                ));
            }
            let ended = format!("{trimmed}\n");
            near.push((
                Secret::new(ended),
                format!(
                    "secret {number} with a line break after it opens it: remove the line break from the secret of the other application"
                ),
            ));
            secrets.push(Secret::new(text));
        }
        Self { secrets, near }
    }

    /// Reads the secrets that a service with these variables would use.
    pub(crate) fn from_variables(lookup: impl Fn(&str) -> Option<String>) -> Result<Self, String> {
        let set = |name| lookup(name).filter(|value| !value.is_empty());
        let several = set("AUTH0_SECRETS").map(|list| {
            list.split(',').map(str::to_owned).filter(|text| !text.is_empty()).collect::<Vec<_>>()
        });
        match (set("AUTH0_SECRET"), several) {
            (None, None) => Err(
                "no secret is set; set the environment variable AUTH0_SECRET to the secret of the service that refuses the cookie".to_owned()
            ),
            (Some(one), Some(several)) if several.first() != Some(&one) => Err(
                "AUTH0_SECRET and AUTH0_SECRETS are both set and differ; unset AUTH0_SECRET, or put it first in AUTH0_SECRETS".to_owned(),
            ),
            (_, Some(several)) => Ok(Self::new(several)),
            (Some(one), None) => Ok(Self::new([one])),
        }
    }

    /// Returns the keys. Weak secrets are accepted too: the doctor explains cookies, and guards nothing.
    pub(crate) fn key_ring(&self) -> Result<KeyRing, String> {
        KeyRing::danger_accept_weak_secrets(self.secrets.iter().cloned()).map_err(|error| {
            format!("{error}; write 1 to {MAX_SECRETS} secrets into AUTH0_SECRETS, separated by commas")
        })
    }

    pub(crate) fn len(&self) -> usize {
        self.secrets.len()
    }

    /// Returns the hint for a secret that opens the value and differs in outer white space only.
    pub(crate) fn near_miss(&self, value: &[u8]) -> Option<&str> {
        let opens = |secret: &Secret| {
            let ring = KeyRing::danger_accept_weak_secrets([secret.clone()]);
            ring.is_ok_and(|ring| ring.open(value).is_ok())
        };
        self.near.iter().find(|(secret, _)| opens(secret)).map(|(_, told)| told.as_str())
    }

    /// Returns what a service would refuse or warn of at start-up.
    pub(crate) fn findings(&self) -> impl Iterator<Item = Finding> {
        self.secrets.iter().zip(1..).flat_map(|(secret, number)| {
            let weak = secret.weakness().map(|weakness| Finding::WeakSecret { number, weakness });
            let space = secret.has_outer_white_space().then_some(Finding::WhiteSpaceAroundSecret { number });
            weak.into_iter().chain(space)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from(variables: &[(&str, &str)]) -> Result<usize, String> {
        let lookup =
            |name: &str| variables.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).into());
        Secrets::from_variables(lookup).map(|secrets| secrets.len())
    }

    #[test]
    fn the_variables_are_those_of_a_service() {
        assert_eq!(from(&[("AUTH0_SECRET", "a")]), Ok(1));
        assert_eq!(from(&[("AUTH0_SECRETS", "a,b")]), Ok(2));
        assert_eq!(from(&[("AUTH0_SECRET", "a"), ("AUTH0_SECRETS", "a,b")]), Ok(2));
        assert!(from(&[("AUTH0_SECRET", "b"), ("AUTH0_SECRETS", "a,b")]).is_err());
        assert!(from(&[("AUTH0_SECRET", "")]).unwrap_err().contains("AUTH0_SECRET"));
    }

    #[test]
    fn doubtful_secrets_are_found() {
        let found: Vec<_> =
            Secrets::new([" short".to_owned()]).findings().map(|finding| finding.code()).collect();
        assert_eq!(found, ["weak_secret", "white_space_around_secret"]);
    }
}
