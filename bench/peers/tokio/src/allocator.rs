//! mimalloc as the global allocator, as the crate of that name does it (Debian 12 has the library,
//! not the crate).

use std::alloc::{GlobalAlloc, Layout};

extern "C" {
    fn mi_malloc(size: usize) -> *mut u8;
    fn mi_malloc_aligned(size: usize, alignment: usize) -> *mut u8;
    fn mi_zalloc(size: usize) -> *mut u8;
    fn mi_zalloc_aligned(size: usize, alignment: usize) -> *mut u8;
    fn mi_realloc_aligned(block: *mut u8, size: usize, alignment: usize) -> *mut u8;
    fn mi_free(block: *mut u8);
}

/// What `mi_malloc` aligns every block to.
const ALIGNED: usize = 16;

pub struct Mimalloc;

unsafe impl GlobalAlloc for Mimalloc {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if layout.align() <= ALIGNED {
            mi_malloc(layout.size())
        } else {
            mi_malloc_aligned(layout.size(), layout.align())
        }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        if layout.align() <= ALIGNED {
            mi_zalloc(layout.size())
        } else {
            mi_zalloc_aligned(layout.size(), layout.align())
        }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        mi_realloc_aligned(block, size, layout.align())
    }

    unsafe fn dealloc(&self, block: *mut u8, _: Layout) {
        mi_free(block)
    }
}
