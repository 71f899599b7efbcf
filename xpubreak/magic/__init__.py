"""The magics: ``%%xpu_breakdown`` and ``%xpu_trace``. The only floor that knows IPython's shell."""
