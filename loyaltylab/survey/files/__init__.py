"""Any survey file as one raw table: text, Excel, SPSS, Stata, parquet, exports of survey tools."""
