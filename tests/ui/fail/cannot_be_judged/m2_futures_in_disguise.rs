//! What could mislead the check: names in scope, macros, and conditions.

use auth_runtime::{Auth, with_api_auth_required};
use axum::Router;
use axum::routing::get;

pub type Answer = std::pin::Pin<Box<dyn std::future::Future<Output = String> + Send>>;

/// A method of the name that generated code calls.
trait Verdict {
    fn __auth_runtime_verdict(&self) -> auth_runtime::__private::Other;
}

impl<T> Verdict for T {
    fn __auth_runtime_verdict(&self) -> auth_runtime::__private::Other {
        auth_runtime::__private::Other
    }
}

#[with_api_auth_required]
mod method_of_the_name {
    use super::{Answer, Verdict as _};

    pub fn show() -> Answer {
        todo!()
    }
}

macro_rules! module {
    ($name:ident, $vis:vis $function:ident, $output:ty, $($item:item)*) => {
        #[with_api_auth_required]
        mod $name {
            use super::Answer;

            $vis fn $function<T>(argument1: T) -> $output {
                drop(argument1);
                todo!()
            }

            pub fn own() -> $crate::Answer {
                todo!()
            }

            $($item)*
        }
    };
}

module! {
    written_by_a_macro, pub show, Answer,
    pub fn given() -> Answer { todo!() }
}

#[with_api_auth_required]
mod shadowed {
    pub trait Future {}
    pub trait Sized {}
    pub struct Value;
    pub struct Other;
    pub mod auth_runtime {}
    pub mod core {}
    pub fn returns_no_future() {}
    pub fn never() {}

    impl Future for Other {}

    pub fn show<const show: usize>() -> super::Answer {
        ::std::todo!()
    }

    pub fn returned() -> super::Answer {
        fn __returned_by_returned() {}
        __returned_by_returned();
        ::std::todo!()
    }
}

#[with_api_auth_required]
mod conditions {
    use super::Answer;

    #[cfg(all())]
    #[must_use]
    pub fn show() -> Answer {
        todo!()
    }

    #[cfg_attr(all(), inline, expect(unused_variables))]
    #[expect(unused_mut, reason = "of the body alone")]
    pub fn other() -> Answer {
        let mut variable = 1;
        todo!()
    }
}

fn main() {
    let _: Router<Auth> = Router::new().route("/", get(|| async {}));
}
