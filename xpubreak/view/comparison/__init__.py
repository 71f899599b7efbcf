"""Views of comparisons: picture, saved copy, live widget."""
