//! A browser's cookie jar, as far as one site goes (RFC 6265 §5.3).

use crate::random::Random;

#[derive(Clone, Default)]
pub(crate) struct Jar(Vec<Kept>);

#[derive(Clone)]
struct Kept {
    name: String,
    /// `Domain` and `Path`: a cookie is replaced or removed only by one that has the same.
    scope: (String, String),
    value: String,
    expires_at: Option<i64>,
}

impl Jar {
    /// Takes `Set-Cookie` lines at `now`.
    pub(crate) fn apply<L: AsRef<str>>(&mut self, lines: impl IntoIterator<Item = L>, now: i64) {
        for line in lines {
            let (pair, attributes) = line.as_ref().split_once("; ").unwrap_or((line.as_ref(), ""));
            let (name, value) = pair.split_once('=').expect("a cookie has a name and a value");
            let attribute = |wanted: &str| {
                let mut pairs = attributes.split("; ").filter_map(|attribute| attribute.split_once('='));
                pairs.find_map(|(name, value)| name.eq_ignore_ascii_case(wanted).then_some(value))
            };
            let max_age = attribute("Max-Age").map(|seconds| seconds.parse::<i64>().unwrap());
            let is_removal = max_age == Some(0) || attribute("Expires") == Some(EPOCH);
            let scope = ["Domain", "Path"].map(|name| attribute(name).unwrap_or_default().to_owned());
            let kept = Kept {
                name: name.to_owned(),
                scope: scope.into(),
                value: value.to_owned(),
                expires_at: max_age.map(|seconds| now + seconds),
            };
            self.0.retain(|other| (&other.name, &other.scope) != (&kept.name, &kept.scope));
            if !is_removal {
                self.0.push(kept);
            }
        }
    }

    /// The names, sorted. One that is there for two paths or domains is there twice.
    pub(crate) fn names(&self) -> Vec<String> {
        let mut names: Vec<_> = self.0.iter().map(|kept| kept.name.clone()).collect();
        names.sort();
        names
    }

    pub(crate) fn values(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|kept| (kept.name.as_str(), kept.value.as_str()))
    }

    /// The `Cookie` header that the browser sends at `now`, in any order, with cookies of others among ours.
    pub(crate) fn header(&self, random: &mut Random, now: i64) -> String {
        let alive = self.0.iter().filter(|kept| kept.expires_at.is_none_or(|end| end > now));
        let mut pairs: Vec<_> = alive.map(|kept| format!("{}={}", kept.name, kept.value)).collect();
        for neighbour in NEIGHBOURS {
            if random.one_in(3) {
                pairs.push(neighbour.to_owned());
            }
        }
        random.shuffle(&mut pairs);
        pairs.join(random.pick(&["; ", "; ", ";", ";  "]))
    }
}

/// How many chunks of the session's cookie are among the names; 0 when it is whole or not there.
pub(crate) fn chunks(names: &[String], name: &str) -> usize {
    names.iter().filter(|found| found.starts_with(&format!("{name}__"))).count()
}

/// The names of the cookies that hold a sealed session of `chars` characters and its connections, sorted.
pub(crate) fn expected_names(name: &str, chars: usize, connections: usize) -> Vec<String> {
    let mut names: Vec<_> = (0..connections).map(|index| format!("__FC_{index}")).collect();
    match chars.div_ceil(3500) {
        0 | 1 => names.push(name.to_owned()),
        chunks => names.extend((0..chunks).map(|index| format!("{name}__{index}"))),
    }
    names.sort();
    names
}

const EPOCH: &str = "Thu, 01 Jan 1970 00:00:00 GMT";

const NEIGHBOURS: [&str; 14] = [
    "theme=dark",
    "_ga=GA1.2.3",
    "flag",
    "broken=%E0%A4%A",
    "empty=",
    "quoted=\"a b\"",
    "a=b=c",
    "=nameless",
    "__session_=x",
    "x__session=x",
    "__SESSION__0=x",
    "__FC_x=x",
    "__FCother=x",
    "appSessionX=x",
];
