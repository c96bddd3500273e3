# R's own fit of the rows that `glm.bench.ts` has written, once for each line of the standard input. Only the fit is timed.
arguments <- commandArgs(trailingOnly = TRUE)
rows <- as.integer(arguments[2])
columns <- as.integer(arguments[3])
numbers <- readBin(arguments[1], "double", rows * (columns + 1))
x <- matrix(numbers[seq_len(rows * columns)], rows, columns, byrow = TRUE)
y <- numbers[rows * columns + seq_len(rows)]
rm(numbers)

tell <- function(text) {
  cat(text, "\n", sep = "")
  flush(stdout())
}

tell("{}")
input <- file("stdin", "r")
while (length(readLines(input, 1)) > 0) {
  took <- system.time(fit <- glm.fit(x, y, family = binomial()))[["elapsed"]]
  coefficients <- paste(sprintf("%.17g", fit$coefficients), collapse = ",")
  tell(sprintf('{"ms":%g,"iterations":%d,"coefficients":[%s],"version":"%s"}', took * 1000, fit$iter, coefficients, getRversion()))
}
