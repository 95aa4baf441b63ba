"""The pages workers see: sign in, the job board, preview, work, submission, earnings."""
