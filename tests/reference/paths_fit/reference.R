# Rscript reference.R: fit of recursive path models with arrows left out, on R's attitude.
suppressMessages(library(lavaan)); options(digits = 15)
d <- attitude
models <- list(
  chain = "learning ~ complaints\n raises ~ learning\n rating ~ raises",
  fork = "learning ~ complaints + privileges\n raises ~ learning\n advance ~ raises + privileges\n rating ~ complaints + advance",
  parallel = "learning ~ complaints\n raises ~ complaints + learning\n rating ~ learning + raises")
rows <- lapply(names(models), function(m) { f <- sem(models[[m]], d); v <- fitMeasures(f, c("chisq", "df", "pvalue", "cfi", "rmsea", "rmsea.ci.lower", "rmsea.ci.upper", "srmr"))
  data.frame(model = m, measure = names(v), value = as.numeric(v)) })
# d-separation of the chain, longhand: partial correlations from lm residuals
pc <- function(a, b, g) { ra <- resid(lm(reformulate(if (length(g)) g else "1", a), d)); rb <- resid(lm(reformulate(if (length(g)) g else "1", b), d)); r <- cor(ra, rb); df <- nrow(d) - 2 - length(g)
  c(r, 2 * pt(-abs(r) * sqrt(df / (1 - r^2)), df)) }
s <- rbind(pc("complaints", "raises", "learning"), pc("complaints", "rating", "raises"), pc("learning", "rating", c("raises", "complaints")))
rows <- c(rows, list(data.frame(model = "dsep", measure = c("complaints raises", "complaints rating", "learning rating", "complaints raises p", "complaints rating p", "learning rating p", "C", "C p"),
  value = c(s[, 1], s[, 2], -2 * sum(log(s[, 2])), pchisq(-2 * sum(log(s[, 2])), 6, lower.tail = FALSE)))))
write.csv(do.call(rbind, rows), "expected.csv", row.names = FALSE)
