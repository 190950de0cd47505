# Makes expected.csv and input.csv of logit_birthwt, logit_birthwt_weights, logit_birthwt_categorical and ordered_housing
# in out/. R 4.2.2, MASS 7.3-58.2.
library(MASS); dir.create("out", showWarnings = FALSE)
options(digits = 17)
gen <- function(fit, players, all = character(0)) {   # general dominance longhand: mean over sizes of mean gain
  k <- length(players); v <- sapply(0:(2^k - 1), function(m) fit(c(all, players[bitwAnd(m, 2^(0:(k - 1))) > 0])))
  size <- sapply(0:(2^k - 1), function(m) sum(bitwAnd(m, 2^(0:(k - 1))) > 0))
  one <- sapply(1:k, function(j) { without <- which(bitwAnd(0:(2^k - 1), 2^(j - 1)) == 0); gain <- v[without + 2^(j - 1)] - v[without]
    mean(tapply(gain, size[without], mean)) })
  first <- sapply(1:k, function(j) v[1 + 2^(j - 1)] - v[1]); last <- sapply(1:k, function(j) v[2^k] - v[2^k - 2^(j - 1)])
  list(lmg = one, first = first, last = last, full = v[2^k], none = v[1]) }
save <- function(name, g, players, fit) { f <- paste0("out/", name, ".csv"); new <- !file.exists(f)
  rows <- data.frame(fit = fit, method = rep(c("lmg", "first", "last"), each = length(players)), term = rep(players, 3), value = c(g$lmg, g$first, g$last))
  rows <- rbind(rows, data.frame(fit = fit, method = c("r_squared", "r_squared_covariates"), term = "", value = c(g$full, g$none)))
  rows$value <- sprintf("%.16g", rows$value)
  write.table(rows, f, sep = ",", row.names = FALSE, col.names = new, append = !new, quote = FALSE) }
bw <- birthwt; bw$race <- factor(bw$race); bw$wt <- 0.5 + (seq_len(nrow(bw)) %% 4) / 2
G <- function(x, d, w) { f <- if (length(x)) reformulate(x, "low") else low ~ 1
  suppressWarnings(glm(f, family = binomial, data = d, weights = w, control = list(epsilon = 1e-14, maxit = 100))) }
fits <- function(d, w) list(
  mcfadden = function(x) { m <- G(x, d, w); 1 - m$deviance / m$null.deviance },
  nagelkerke = function(x) { m <- G(x, d, w); n <- sum(w); (1 - exp((m$deviance - m$null.deviance) / n)) / (1 - exp(-m$null.deviance / n)) },
  tjur = function(x) { m <- G(x, d, w); p <- fitted(m); y <- d$low; weighted.mean(p[y == 1], w[y == 1]) - weighted.mean(p[y == 0], w[y == 0]) })
six <- c("age", "lwt", "smoke", "ptl", "ht", "ui")
one <- rep(1, nrow(bw))
unlink("out/*")
for (f in names(fits(bw, one))) { save("logit_birthwt", gen(fits(bw, one)[[f]], six), six, f)
  save("logit_birthwt_weights", gen(fits(bw, bw$wt)[[f]], six), six, f)
  p <- c("lwt", "smoke", "race"); save("logit_birthwt_categorical", gen(fits(bw, one)[[f]], p, "age"), p, f) }
rw_logit <- function(y, X) { X <- scale(X); s <- svd(X); Z <- scale(s$u %*% t(s$v)); Lam <- solve(t(Z) %*% Z) %*% t(Z) %*% X
  m <- glm(y ~ Z, family = binomial, control = list(epsilon = 1e-14, maxit = 100)); b <- coef(m)[-1]; ph <- fitted(m); lo <- qlogis(ph)
  R2 <- cor(ph, y)^2; bs <- b*sqrt(R2)/sd(lo); e <- as.numeric(Lam^2 %*% bs^2); list(e = e, R2 = R2) }
r <- rw_logit(bw$low, bw[, six])
write.table(data.frame(fit = "squared_correlation", method = c(rep("relative_weights", 6), "r_squared"), term = c(six, ""), value = sprintf("%.16g", c(r$e, r$R2))), "out/logit_birthwt.csv", sep = ",", row.names = FALSE, col.names = FALSE, append = TRUE, quote = FALSE)
write.csv(bw[, c("low", six, "race", "wt")], "out/birthwt_input.csv", row.names = FALSE, quote = FALSE)
hs <- housing
P <- function(x) { f <- if (length(x)) reformulate(x, "Sat") else Sat ~ 1; polr(f, data = hs, weights = hs$Freq, control = list(reltol = 1e-16, maxit = 5000)) }
ll0 <- as.numeric(logLik(P(character(0)))); N <- sum(hs$Freq)
ord <- list(mcfadden = function(x) 1 - as.numeric(logLik(P(x))) / ll0,
  nagelkerke = function(x) (1 - exp(2 * (ll0 - as.numeric(logLik(P(x)))) / N)) / (1 - exp(2 * ll0 / N)))
pl <- c("Infl", "Type", "Cont")
for (f in names(ord)) save("ordered_housing", gen(ord[[f]], pl), pl, f)
h <- hs; h$Sat <- as.integer(h$Sat); h$Infl <- as.integer(h$Infl); h$Type <- as.integer(h$Type); h$Cont <- as.integer(h$Cont)
write.csv(h, "out/housing_input.csv", row.names = FALSE, quote = FALSE)
