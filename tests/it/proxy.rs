//! Proxies: what is asked goes through the one that the environment names, unless the address is excepted.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    sync::mpsc,
    thread,
    time::Duration,
};

use crate::bed::Bed;

/// A proxy for one connection after the other, which tells each request's first line and hands it on to `target`.
fn proxy(target: String) -> (String, mpsc::Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let (tell, told) = mpsc::channel();
    thread::spawn(move || {
        for client in listener.incoming().map_while(Result::ok) {
            let (tell, target) = (tell.clone(), target.clone());
            thread::spawn(move || hand_on(&client, &target, &tell));
        }
    });
    (format!("http://{address}"), told)
}

/// The request with its address made a path, and the answer as it comes.
fn hand_on(client: &TcpStream, target: &str, tell: &mpsc::Sender<String>) {
    let mut reader = BufReader::new(client);
    let mut first = String::new();
    reader.read_line(&mut first).unwrap();
    tell.send(first.trim_end().to_owned()).unwrap();
    let mut server = TcpStream::connect(target).unwrap();
    server.write_all(first.replacen("http://model.invalid", "", 1).as_bytes()).unwrap();
    let mut answers = server.try_clone().unwrap();
    let mut back = client.try_clone().unwrap();
    thread::spawn(move || std::io::copy(&mut answers, &mut back));
    let mut buffer = [0; 4096];
    while let Ok(count @ 1..) = reader.read(&mut buffer) {
        if server.write_all(&buffer[..count]).is_err() {
            return;
        }
    }
}

#[test]
fn requests_go_through_the_proxy() {
    let mut bed = Bed::with_script("when\n  say \"Through.\"\n");
    let (address, told) = proxy(bed.address().unwrap());
    bed.set("HTTP_PROXY", &address);
    bed.configure("http://model.invalid/v1");
    assert_eq!(bed.run(&["exec", "hello"]).ends_with(0).stdout, "Through.\n");
    assert_eq!(told.recv_timeout(Duration::from_secs(10)).unwrap(), "POST http://model.invalid/v1/responses HTTP/1.1");
    assert_eq!(bed.bodies().len(), 1);
}

#[test]
fn an_excepted_address_is_asked_directly() {
    let mut bed = Bed::with_script("when\n  say \"Direct.\"\n");
    let (address, told) = proxy("127.0.0.1:9".to_owned());
    bed.set("HTTP_PROXY", &address);
    bed.set("NO_PROXY", "localhost,127.0.0.1");
    assert_eq!(bed.run(&["exec", "hello"]).ends_with(0).stdout, "Direct.\n");
    assert!(told.try_recv().is_err(), "the proxy was asked");
}

#[test]
fn a_proxy_that_is_down_is_named() {
    let mut bed = Bed::with_script("when\n  say \"Never.\"\n");
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    bed.set("HTTP_PROXY", &format!("http://127.0.0.1:{port}"));
    bed.configure("http://model.invalid/v1");
    let ran = bed.run(&["exec", "hello"]).ends_with(1);
    assert!(ran.stderr.contains("HTTP_PROXY"), "{}", ran.stderr);
    assert!(bed.bodies().is_empty());
}
