// #[public()]
// /// Documented.
// pub async fn health() -> impl IntoResponse { "ok" }

/// Documented.
pub async fn health(__public: ::auth_runtime::__private::Public) -> impl IntoResponse {
    "ok"
}

// #[public(crate = crate::auth)]
// async fn generic<T>(mut a: A, #[cfg(x)] b: B) -> T where T: Send { #![expect(unused)] a }

async fn generic<T>(
    __public: crate::auth::__private::Public,
    mut a: A,
    #[cfg(x)]
    b: B,
) -> T
where
    T: Send,
{
    #![expect(unused)]
    a
}
