//! A context inherited over `fork` reports an error and is only dropped in the child.
#![cfg(unix)]

mod common;

use common::c::{borrow, borrow_socket, c_close, c_context, c_end, c_socket, kind};
use common::fork::{Child, fork, wait_for};
use common::{LONG, connected_over, in_child};
use zmq::{Actor, ErrorKind, Proxy, Pull, SocketKind};

#[test]
fn an_inherited_context_is_an_error_in_the_child_and_works_in_the_parent() {
    in_child(
        "an_inherited_context_is_an_error_in_the_child_and_works_in_the_parent",
        || {
            let (context, sender, receiver) =
                connected_over("tcp://127.0.0.1:*", zmq::PUSH, zmq::PULL);
            let mut poller = zmq::Poller::new();
            poller.add((), receiver.poll_in()).unwrap();
            sender.send("before").unwrap();
            let child = fork();
            if child == 0 {
                let here = Child;
                let forked = [
                    receiver.recv().unwrap_err().kind(),
                    receiver.recv_multipart().unwrap_err().kind(),
                    receiver.recv_into(&mut [0]).unwrap_err().kind(),
                    sender.send("x").unwrap_err().kind(),
                    sender.try_send_multipart(["x", "y"]).unwrap_err().kind(),
                    sender.linger().unwrap_err().kind(),
                    sender.set_linger(None).unwrap_err().kind(),
                    sender.connect("inproc://x").unwrap_err().kind(),
                    zmq::poll([receiver.poll_in()], None).unwrap_err().kind(),
                    poller.wait(None).unwrap_err().kind(),
                    context.socket(zmq::REQ).unwrap_err().kind(),
                    context.io_threads().unwrap_err().kind(),
                    context.shutdown().unwrap_err().kind(),
                    context.clone().terminate().unwrap_err().kind(),
                ];
                let all = forked.iter().all(|kind| *kind == ErrorKind::Forked);
                // None of these may wait for threads that stayed behind.
                drop((receiver, sender, context));
                // A context of its own works.
                let (_own, a, b) = connected_over("inproc://own", zmq::PAIR, zmq::PAIR);
                a.send("child").unwrap();
                let own = b.recv().unwrap() == "child";
                here.leave(all && own);
            }
            wait_for(child);
            assert_eq!(receiver.recv().unwrap(), "before");
            sender.send("after").unwrap();
            assert_eq!(receiver.recv().unwrap(), "after");
            drop((sender, receiver));
            context.terminate().unwrap();
        },
    );
}

#[test]
fn what_was_borrowed_is_an_error_in_the_child_and_stays_cs() {
    in_child(
        "what_was_borrowed_is_an_error_in_the_child_and_stays_cs",
        || {
            let c = c_context();
            let socket = c_socket(c, SocketKind::Pull);
            let context = borrow(c).unwrap();
            let lent = borrow_socket::<Pull>(socket, &context).unwrap();
            let child = fork();
            if child == 0 {
                let here = Child;
                let forked = [
                    lent.recv().unwrap_err().kind(),
                    lent.give_back().unwrap_err().error.kind(),
                    kind(borrow_socket::<Pull>(socket, &context)),
                    context.clone().terminate().unwrap_err().kind(),
                    context.clone().into_raw().unwrap_err().error.kind(),
                ];
                drop(context);
                here.leave(forked.iter().all(|kind| *kind == ErrorKind::Forked));
            }
            wait_for(child);
            lent.give_back().unwrap();
            drop(context);
            c_close(socket);
            c_end(c).recv_timeout(LONG).unwrap();
        },
    );
}

#[test]
fn a_proxy_is_not_waited_for_where_its_thread_is_not() {
    in_child("a_proxy_is_not_waited_for_where_its_thread_is_not", || {
        let context = zmq::Context::new().unwrap();
        let proxies = ["dropped", "asked", "ended", "joined"].map(|_| {
            let (pull, push) = (context.socket(zmq::PULL), context.socket(zmq::PUSH));
            Proxy::new(pull.unwrap(), push.unwrap()).spawn().unwrap()
        });
        let child = fork();
        let [dropped, asked, ended, joined] = proxies;
        if child == 0 {
            let here = Child;
            drop(dropped);
            let kinds = [
                asked.statistics().unwrap_err().kind(),
                asked.pause().unwrap_err().kind(),
                ended.terminate().unwrap_err().kind(),
                joined.join().unwrap_err().kind(),
            ];
            here.leave(kinds.iter().all(|kind| *kind == ErrorKind::Forked));
        }
        wait_for(child);
        for proxy in [dropped, asked, ended, joined] {
            proxy.terminate().unwrap();
        }
    });
}

#[test]
fn an_actor_is_not_waited_for_where_its_thread_is_not() {
    in_child("an_actor_is_not_waited_for_where_its_thread_is_not", || {
        let context = zmq::Context::new().unwrap();
        let actors = ["dropped", "joined", "asked"].map(|name| {
            Actor::spawn(&context, name, |start| -> zmq::Result<()> {
                start.ready().recv()?;
                Ok(())
            })
            .unwrap()
        });
        let child = fork();
        let [dropped, joined, asked] = actors;
        if child == 0 {
            let here = Child;
            drop(dropped);
            let kinds = [
                asked.recv().unwrap_err().kind(),
                asked.send("x").unwrap_err().kind(),
                asked.stop().unwrap_err().kind(),
                joined.join().unwrap_err().kind(),
            ];
            here.leave(kinds.iter().all(|kind| *kind == ErrorKind::Forked));
        }
        wait_for(child);
        asked.stop().unwrap();
        joined.send("end").unwrap();
        joined.join().unwrap();
    });
}
