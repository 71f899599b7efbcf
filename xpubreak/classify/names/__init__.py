"""Readers of C++ names, mangled and demangled; both hand up a `Symbol`."""
