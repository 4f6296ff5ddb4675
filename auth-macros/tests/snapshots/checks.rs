// #[with_api_auth_required]
// mod api {
//     /// Documented.
//     #[cfg(unix)]
//     #[must_use]
//     #[allow(clippy::x)]
//     #[expect(unused, reason = "a")]
//     pub fn pick<'a, T: Of<'a>, const N: usize>((a, mut b): (T, &'static T), by: impl Fn(&'a T) -> u8) -> R<T, N>
//     where T: Copy { BODY }
//     pub const extern "C" fn r#type() -> u8 { 1 }
//     #[instrument]
//     fn attribute() {}
//     #[cfg(unix)]
//     static LIMIT: Limit<'static> = VALUE;
// }

mod api {
    /// Documented.
    #[cfg(unix)]
    #[must_use]
    #[allow(clippy::x)]
    #[expect(unused, reason = "a")]
    pub fn pick<'a, T: Of<'a>, const N: usize>(
        (a, mut b): (T, &'static T),
        by: impl Fn(&'a T) -> u8,
    ) -> R<T, N>
    where
        T: Copy,
    {
        BODY
    }
    #[doc(hidden)]
    #[cfg(unix)]
    #[allow(clippy::x)]
    #[allow(unused, reason = "a")]
    fn __returned_by_pick<'a, T: Of<'a>, const N: usize>(
        argument1: (T, &'static T),
        argument2: impl Fn(&'a T) -> u8,
    )
    where
        T: Copy,
    {
        use ::auth_runtime::__private::{IsCallable as _, IsFuture as _, IsOther as _};
        ::auth_runtime::__private::returns_no_future(
            (&&&::auth_runtime::__private::Value(
                self::pick::<T, N>(argument1, argument2),
            ))
                .__auth_runtime_verdict(),
        );
    }
    pub const extern "C" fn r#type() -> u8 {
        1
    }
    #[doc(hidden)]
    fn __returned_by_type() {
        use ::auth_runtime::__private::{IsCallable as _, IsFuture as _, IsOther as _};
        ::auth_runtime::__private::returns_no_future(
            (&&&::auth_runtime::__private::Value(self::r#type()))
                .__auth_runtime_verdict(),
        );
    }
    #[instrument]
    fn attribute() {}
    #[doc(hidden)]
    fn __returned_by_attribute() {
        use ::auth_runtime::__private::{IsCallable as _, IsFuture as _, IsOther as _};
        ::auth_runtime::__private::returns_no_future(
            (&&&::auth_runtime::__private::Value(self::attribute()))
                .__auth_runtime_verdict(),
        );
    }
    #[cfg(unix)]
    static LIMIT: Limit<'static> = VALUE;
    #[doc(hidden)]
    #[cfg(unix)]
    fn __held_by_LIMIT() {
        use ::auth_runtime::__private::{IsCallable as _, IsFuture as _, IsOther as _};
        ::auth_runtime::__private::holds_no_handler(
            (&&&::auth_runtime::__private::Value(
                ::auth_runtime::__private::never::<Limit<'static>>(),
            ))
                .__auth_runtime_verdict(),
        );
    }
}

// #[with_api_auth_required]
// impl<T> Api<T> {
//     fn own(mut self, other: Self) -> Self { self }
//     fn boxed<U: Into<T>>(self: Box<Self>, _: U) -> Box<Self> { self }
//     const LIMIT: Limit<Self> = VALUE;
// }

impl<T> Api<T> {
    fn own(mut self, other: Self) -> Self {
        self
    }
    #[doc(hidden)]
    fn __returned_by_own(argument1: Self, argument2: Self) {
        use ::auth_runtime::__private::{IsCallable as _, IsFuture as _, IsOther as _};
        ::auth_runtime::__private::returns_no_future(
            (&&&::auth_runtime::__private::Value(Self::own(argument1, argument2)))
                .__auth_runtime_verdict(),
        );
    }
    fn boxed<U: Into<T>>(self: Box<Self>, _: U) -> Box<Self> {
        self
    }
    #[doc(hidden)]
    fn __returned_by_boxed<U: Into<T>>(argument1: Box<Self>, argument2: U) {
        use ::auth_runtime::__private::{IsCallable as _, IsFuture as _, IsOther as _};
        ::auth_runtime::__private::returns_no_future(
            (&&&::auth_runtime::__private::Value(Self::boxed::<U>(argument1, argument2)))
                .__auth_runtime_verdict(),
        );
    }
    const LIMIT: Limit<Self> = VALUE;
    #[doc(hidden)]
    fn __held_by_LIMIT() {
        use ::auth_runtime::__private::{IsCallable as _, IsFuture as _, IsOther as _};
        ::auth_runtime::__private::holds_no_handler(
            (&&&::auth_runtime::__private::Value(
                ::auth_runtime::__private::never::<Limit<Self>>(),
            ))
                .__auth_runtime_verdict(),
        );
    }
}

// #[with_api_auth_required]
// #[with_api_auth_required(crate = crate::auth)]
// mod api {
//     trait Load {
//         const LIMIT: Limit;
//         fn load<T>(self, t: T) -> Self::Item where T: Copy;
//         fn provided() -> impl Iterator { BODY }
//     }
//     impl<T> Load for Api<T> {
//         const LIMIT: Limit = VALUE;
//         fn load<T>(self, t: T) -> Self::Item where T: Copy { #![allow(x)] BODY }
//     }
// }

mod api {
    trait Load {
        const LIMIT: Limit;
        #[doc(hidden)]
        fn __held_by_LIMIT()
        where
            Self: ::core::marker::Sized,
        {
            use crate::auth::__private::{IsCallable as _, IsFuture as _, IsOther as _};
            crate::auth::__private::holds_no_handler(
                (&&&crate::auth::__private::Value(
                    crate::auth::__private::never::<Limit>(),
                ))
                    .__auth_runtime_verdict(),
            );
        }
        fn load<T>(self, t: T) -> Self::Item
        where
            T: Copy;
        #[doc(hidden)]
        fn __returned_by_load<T>(argument1: Self, argument2: T)
        where
            T: Copy,
            Self: ::core::marker::Sized,
        {
            use crate::auth::__private::{IsCallable as _, IsFuture as _, IsOther as _};
            crate::auth::__private::returns_no_future(
                (&&&crate::auth::__private::Value(Self::load::<T>(argument1, argument2)))
                    .__auth_runtime_verdict(),
            );
        }
        fn provided() -> impl Iterator {
            BODY
        }
        #[doc(hidden)]
        fn __returned_by_provided()
        where
            Self: ::core::marker::Sized,
        {
            use crate::auth::__private::{IsCallable as _, IsFuture as _, IsOther as _};
            crate::auth::__private::returns_no_future(
                (&&&crate::auth::__private::Value(Self::provided()))
                    .__auth_runtime_verdict(),
            );
        }
    }
    impl<T> Load for Api<T> {
        const LIMIT: Limit = VALUE;
        fn load<T>(self, t: T) -> Self::Item
        where
            T: Copy,
        {
            #![allow(x)]
            let _ = || {
                use crate::auth::__private::{
                    IsCallable as _, IsFuture as _, IsOther as _,
                };
                crate::auth::__private::returns_no_future(
                    (&&&crate::auth::__private::Value(
                        crate::auth::__private::never::<Self::Item>(),
                    ))
                        .__auth_runtime_verdict(),
                );
            };
            match () {
                () => BODY,
            }
        }
    }
}
