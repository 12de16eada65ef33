"""Files and objects as tables: partitions of batches of columns, whatever they were written as."""
