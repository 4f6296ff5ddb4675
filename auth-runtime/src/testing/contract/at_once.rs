//! Futures that run in one task. They are polled in turn, so that the steps of each are mixed with those of the others.

use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;

/// Runs all futures at the same time, and returns their answers in the futures' order.
pub(super) async fn together<F: Future>(futures: impl IntoIterator<Item = F>) -> Vec<F::Output> {
    let mut running: Vec<_> = futures.into_iter().map(|future| (Box::pin(future), None)).collect();
    poll_fn(|context| {
        let mut is_done = true;
        for (future, answer) in &mut running {
            if answer.is_none()
                && let Poll::Ready(there) = future.as_mut().poll(context)
            {
                *answer = Some(there);
            }
            is_done &= answer.is_some();
        }
        if is_done { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
    running.into_iter().filter_map(|(_, answer)| answer).collect()
}

/// Runs both futures at the same time. In every other round the second one is polled first.
pub(super) async fn both<A, B>(
    round: usize,
    first: impl Future<Output = A>,
    second: impl Future<Output = B>,
) -> (A, B) {
    let (mut first, mut second) = (pin!(first), pin!(second));
    let (mut of_first, mut of_second) = (None, None);
    let mut is_firsts_turn = round.is_multiple_of(2);
    poll_fn(move |context| {
        for _ in 0..2 {
            if is_firsts_turn && of_first.is_none() {
                of_first = ready(first.as_mut().poll(context));
            } else if !is_firsts_turn && of_second.is_none() {
                of_second = ready(second.as_mut().poll(context));
            }
            is_firsts_turn = !is_firsts_turn;
        }
        match (of_first.take(), of_second.take()) {
            (Some(of_first), Some(of_second)) => Poll::Ready((of_first, of_second)),
            one => {
                (of_first, of_second) = one;
                Poll::Pending
            }
        }
    })
    .await
}

fn ready<T>(poll: Poll<T>) -> Option<T> {
    match poll {
        Poll::Ready(answer) => Some(answer),
        Poll::Pending => None,
    }
}

/// Polls a future at most `polls` times, and drops it if it is not ready then, as the service does with an operation
/// that takes too long. Returns the answer of a future that was ready.
pub(super) async fn given_up<F: Future>(polls: usize, future: F) -> Option<F::Output> {
    let (mut future, mut left) = (pin!(future), polls);
    poll_fn(move |context| {
        left = left.saturating_sub(1);
        match future.as_mut().poll(context) {
            Poll::Ready(answer) => Poll::Ready(Some(answer)),
            Poll::Pending if left == 0 => Poll::Ready(None),
            Poll::Pending => Poll::Pending,
        }
    })
    .await
}

/// Yields once, so that the other futures are polled.
pub(super) async fn turn() {
    let mut is_over = false;
    poll_fn(move |context| {
        if is_over {
            return Poll::Ready(());
        }
        is_over = true;
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}
