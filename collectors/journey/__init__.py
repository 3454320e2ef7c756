"""The way of each post: records of all sources, matched to one post by stated rules; see README.md."""
