# Prints the numbers of polychoric_tables and polyserial_birthwt. R 4.2.2, mvtnorm 1.1-3, MASS 7.3-58.2.
library(MASS); library(mvtnorm); hs <- housing
tvp <- function(a, b, r) if (a == -Inf || b == -Inf) 0 else if (a == Inf) pnorm(b) else if (b == Inf) pnorm(a) else as.numeric(pmvnorm(upper = c(a, b), corr = matrix(c(1, r, r, 1), 2), algorithm = TVPACK(1e-15)))
two <- function(tab) { n <- sum(tab); a <- c(-Inf, qnorm(cumsum(rowSums(tab))/n)[-nrow(tab)], Inf); b <- c(-Inf, qnorm(cumsum(colSums(tab))/n)[-ncol(tab)], Inf)
  cells <- function(r) { C <- outer(seq_along(a), seq_along(b), Vectorize(function(i, j) tvp(a[i], b[j], r))); t(diff(t(diff(C)))) }
  ll <- function(r) -sum((tab * log(cells(r)))[tab > 0])
  o <- optimize(ll, c(-.999, .999), tol = 1e-14); r <- o$minimum
  g <- function(r, e = 1e-3) (ll(r - 2*e) - 8*ll(r - e) + 8*ll(r + e) - ll(r + 2*e)) / (12*e)
  r <- uniroot(g, r + c(-1e-3, 1e-3), tol = 1e-14)$root; e <- 2e-3; h <- (-ll(r-2*e) + 16*ll(r-e) - 30*ll(r) + 16*ll(r+e) - ll(r+2*e)) / (12*e^2); c(r, 1/sqrt(h)) }
tabs <- list(drasgow = matrix(c(58,52,1,26,58,3,8,12,9), 3, byrow = TRUE), brown = matrix(c(1562,42,383,94), 2, byrow = TRUE),
  honors_by_female = matrix(c(73,74,18,35), 2, byrow = TRUE), uebersax = matrix(c(52,58,8,18,15,7,5,11,3), 3, byrow = TRUE),
  sat_infl = unclass(xtabs(Freq ~ Sat + Infl, hs)), empty_cells = matrix(c(20,5,0,0, 8,15,6,0, 0,4,12,9), 3, byrow = TRUE))
for (n in names(tabs)) cat(n, sprintf("%.10f", two(tabs[[n]])), paste(t(tabs[[n]]), collapse=","), "\n")
ser <- function(x, y) { z <- (x - mean(x)) / sqrt(mean((x - mean(x))^2)); t <- table(y); tau <- c(-Inf, qnorm(cumsum(t) / sum(t))[-length(t)], Inf); k <- as.integer(factor(y))
  ll <- function(r) -sum(log(pnorm((tau[k + 1] - r * z) / sqrt(1 - r^2)) - pnorm((tau[k] - r * z) / sqrt(1 - r^2))))
  r <- optimize(ll, c(-.999, .999), tol = 1e-12)$minimum
  g <- function(r, e = 1e-3) (ll(r - 2*e) - 8*ll(r - e) + 8*ll(r + e) - ll(r + 2*e)) / (12*e)
  r <- uniroot(g, r + c(-1e-3, 1e-3), tol = 1e-14)$root; e <- 2e-3; h <- (-ll(r-2*e) + 16*ll(r-e) - 30*ll(r) + 16*ll(r+e) - ll(r+2*e)) / (12*e^2); c(r, 1/sqrt(h)) }
cat("lwt_low", sprintf("%.10f", ser(birthwt$lwt, birthwt$low)), "\n"); cat("bwt_race", sprintf("%.10f", ser(birthwt$bwt, birthwt$race)), "\n"); cat("bwt_ftv", sprintf("%.10f", ser(birthwt$bwt, birthwt$ftv)), "\n")
write.csv(birthwt[, c("low", "race", "ftv", "lwt", "bwt")], "input.csv", row.names = FALSE, quote = FALSE)
