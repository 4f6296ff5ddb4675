//! Futures behind names from outside of the block, and what returns a future when it is called.

use std::pin::Pin;
use std::task::{Context, Poll};

use auth_runtime::{Auth, with_api_auth_required};
use axum::Router;
use axum::routing::get;

mod elsewhere {
    use super::*;

    pub type Answer = Pin<Box<dyn Future<Output = String> + Send>>;

    /// A future without a telling name.
    pub struct Delayed;

    impl Future for Delayed {
        type Output = String;

        fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<String> {
            todo!()
        }
    }

    pub trait Task: Future<Output = String> + Send {}

    impl Task for Delayed {}

    pub trait Make {
        type Made: Task;

        fn make() -> Self::Made;
    }

    pub struct Maker;

    impl Make for Maker {
        type Made = Delayed;

        #[rustfmt::skip]
        fn make() -> Delayed { Delayed }
    }
}

#[with_api_auth_required]
mod posts {
    use super::elsewhere::*;

    pub fn alias() -> super::elsewhere::Answer {
        todo!()
    }

    pub fn imported_by_a_glob() -> Answer {
        todo!()
    }

    pub fn own_type() -> Delayed {
        Delayed
    }

    pub fn associated_type() -> <Maker as Make>::Made {
        Maker::make()
    }

    pub fn associated_type_of_a_parameter<M: Make>() -> M::Made {
        M::make()
    }

    pub fn parameter<T>(task: T) -> T
    where
        T: Task,
    {
        task
    }

    pub fn opaque(_: impl Fn(u8) -> u8) -> impl Task {
        Delayed
    }

    pub fn argument(task: impl Task + Unpin) -> Box<impl Task + Unpin> {
        Box::new(task)
    }

    pub fn behind_a_reference() -> &'static mut Delayed {
        todo!()
    }

    pub fn pointer() -> fn(u8) -> Answer {
        todo!()
    }

    pub fn closure() -> impl Fn(u8, u8) -> Delayed + Clone + Send {
        |_, _| Delayed
    }

    pub fn boxed_closure() -> Box<dyn Fn(&str) -> Answer> {
        todo!()
    }

    pub const fn constant() -> Delayed {
        Delayed
    }

    pub extern "C" fn foreign() -> Delayed {
        Delayed
    }

    pub struct Api<T>(T);

    impl<T: Clone> Api<T> {
        pub fn associated() -> Delayed {
            Delayed
        }

        pub fn with_self(self) -> Delayed {
            Delayed
        }

        pub fn with_typed_self(self: Box<Self>, _: T) -> Answer {
            todo!()
        }
    }

    pub async fn list() -> String {
        user.sub().to_string()
    }
}

struct Pages;

#[with_api_auth_required]
impl Pages {
    fn show() -> elsewhere::Delayed {
        elsewhere::Delayed
    }
}

fn main() {
    let _: Router<Auth> = Router::new().route("/", get(posts::list));
}
