# What R says of the pooled files, as lines `case <tab> name <tab> number`. Sourced by the script that `against-r.ts` writes.
suppressPackageStartupMessages(library(survival))
invisible(Sys.setlocale("LC_COLLATE", "C"))
lines <- character()

number <- function(x) ifelse(is.na(x), "NA", sprintf("%.17g", x))
tell <- function(case, name, value) lines <<- c(lines, paste(case, name, number(value), sep = "\t"))

# The files of all sites in one table, as read.csv reads it; `.site` says whose a row is.
pooled <- function(files, kinds) {
  all <- do.call(rbind, lapply(names(files), function(site) {
    part <- read.csv(files[[site]], colClasses = "character", check.names = FALSE, na.strings = character())
    cbind(part, .site = rep(site, nrow(part)))
  }))
  for (name in setdiff(names(all), ".site")) {
    all[[name]] <- type.convert(all[[name]], as.is = TRUE, na.strings = c("", "NA", "?"))
    if (identical(unname(kinds[name]), "factor")) all[[name]] <- factor(all[[name]])
  }
  all
}

answer <- function(case, found) UseMethod("answer", found)

coefficients.of <- function(case, names, estimate, se) {
  lines <<- c(lines, paste(case, "names", paste(names, collapse = "|"), sep = "\t"))
  for (i in seq_along(names)) {
    tell(case, paste("estimate", names[i]), estimate[i])
    tell(case, paste("se", names[i]), se[i])
  }
}

answer.glm <- function(case, found) {
  s <- summary(found)
  se <- setNames(rep(NA, length(coef(found))), names(coef(found)))
  se[rownames(s$coefficients)] <- s$coefficients[, 2]
  coefficients.of(case, names(se), coef(found), se)
  tell(case, "n", length(found$y)); tell(case, "missing", length(found$na.action))
  tell(case, "deviance", found$deviance); tell(case, "null deviance", found$null.deviance); tell(case, "df", found$df.residual)
  tell(case, "dispersion", s$dispersion); tell(case, "log likelihood", as.numeric(logLik(found))); tell(case, "aic", AIC(found))
}

answer.coxph <- function(case, found) {
  se <- sqrt(diag(found$var)); se[is.na(coef(found))] <- NA
  coefficients.of(case, sub("^ridge\\((.*)\\)$", "\\1", names(coef(found))), coef(found), se)
  tell(case, "n", found$n); tell(case, "missing", length(found$na.action))
  tell(case, "log likelihood", found$loglik[2]); tell(case, "null log likelihood", found$loglik[1])
  tell(case, "concordance", unname(found$concordance["concordance"]))
  if (inherits(found, "coxph.penal")) return(invisible())
  tell(case, "score", found$score); tell(case, "wald", found$wald.test)
}

# list(curve = survfit, test = survdiff or NULL, grid)
answer.curves <- function(case, found) {
  s <- summary(found$curve, times = found$grid)
  group <- if (is.null(s$strata)) "all" else as.character(s$strata)
  at <- paste(group, s$time)
  for (i in seq_along(at)) {
    if (s$n.risk[i] == 0) next
    tell(case, paste("survival", at[i]), s$surv[i]); tell(case, paste("at risk", at[i]), s$n.risk[i]); tell(case, paste("events", at[i]), s$n.event[i])
    if (s$surv[i] > 0) { tell(case, paste("se", at[i]), s$std.err[i]); tell(case, paste("lower", at[i]), s$lower[i]); tell(case, paste("upper", at[i]), s$upper[i]) }
  }
  if (!is.null(found$test)) tell(case, "chisq", found$test$chisq)
}

answer.list <- function(case, found) for (name in names(found)) tell(case, name, found[[name]])

# Newton's method for deviance + lambda * the sum of squares of all coefficients but the intercept.
ridge.glm <- function(formula, family, data, lambda) {
  frame <- model.frame(formula, data); x <- model.matrix(formula, frame); y <- model.response(frame)
  penalty <- diag(ifelse(colnames(x) == "(Intercept)", 0, lambda), ncol(x))
  b <- ifelse(colnames(x) == "(Intercept)", family$linkfun(mean(y)), 0)
  for (i in 1:100) {
    eta <- drop(x %*% b); mu <- family$linkinv(eta)
    step <- drop(solve(crossprod(x, family$mu.eta(eta) * x) + penalty, crossprod(x, y - mu) - penalty %*% b))
    b <- b + step
    if (max(abs(step)) < 1e-14) break
  }
  setNames(as.list(b), paste("estimate", colnames(x)))
}

ask <- function(case, question) {
  before <- length(lines)
  tryCatch(suppressWarnings(answer(case, eval(question))), error = function(e) {
    lines <<- c(lines[seq_len(before)], paste(case, "refused", gsub("[\n\t]", " ", conditionMessage(e)), sep = "\t"))
  })
}
