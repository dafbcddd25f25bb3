//! How memory comes from the system and goes back to it.

/// Has blocks of a megabyte and more given back as soon as they are freed. The C library's own limit grows with what is
/// freed, up to 32 MiB: after one large answer or patch most of its copies would stay with us. Call it once, before there
/// are threads. Other C libraries than glibc know no such limit.
pub fn give_large_blocks_back() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    #[expect(unsafe_code, reason = "the allocator's settings have no safe interface")]
    // SAFETY: `mallopt` takes two numbers and touches no memory of ours. A setting that it refuses stays as it was.
    unsafe {
        libc::mallopt(libc::M_MMAP_THRESHOLD, 1024 * 1024);
    }
}
