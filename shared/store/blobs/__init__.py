"""The bytes of pictures in files, in GridFS or in a bucket."""
