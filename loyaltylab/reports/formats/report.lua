-- Typst asks a text in place of every equation and picture; pandoc's writer gives none.
local function string_of(text)
  return '"' .. text:gsub('[%c]', ' '):gsub('\\', '\\\\'):gsub('"', '\\"') .. '"'
end

function Math(math)
  local written = pandoc.write(pandoc.Pandoc { pandoc.Plain { math } }, "typst"):gsub("%s+$", "")
  -- texmath writes TeX's small negative and thick spaces as a whole em back and as none.
  written = written:gsub("#h%(%-1em%)", "#h(-0.167em)"):gsub("#h%(0em%)", "thick")
  return pandoc.RawInline("typst", "#{ set math.equation(alt: " .. string_of(math.text) .. "); " .. "[" .. written .. "] }")
end

function Image(image)
  return pandoc.Emph(image.caption)
end

-- What announces a list stands on the page where the list begins.
function Blocks(blocks)
  local kept = pandoc.Blocks {}
  for at, block in ipairs(blocks) do
    local after = blocks[at + 1]
    if block.t == "Para" and after and (after.t == "BulletList" or after.t == "OrderedList") then
      kept:extend { pandoc.RawBlock("typst", "#announcing["), block, pandoc.RawBlock("typst", "]") }
    else
      kept:insert(block)
    end
  end
  return kept
end
