"""Every notice that reading and mapping a list can give, in both languages, and why it matters. Decides nothing."""

from bulou.basis.words import Word
from bulou.lists.table import Notice, Said

_ALL: dict[str, Said] = {}


def _say(code: str, zh: str, en: str, zh_why: str, en_why: str) -> None:
    _ALL[code] = Said(zh, en.replace("“", '"').replace("”", '"'), zh_why, en_why)


# fmt: off
# --- rows set aside: nobody's, kept in sight -----------------------------------------------------------------------------
_say("title", "第{row}行是标题,不是人:{text}", "row {row} is a title, nobody: {text}",
     "表头以上的文字不是人,另放。", "Text above the headings is nobody; it is set aside.")
_say("header", "第{row}行是表头", "row {row} holds headings", "列名所在的行;多行表头合并为一。", "Where the columns are named; headings in several rows are joined.")
_say("header_again", "第{row}行又是表头,不是人", "row {row} repeats the headings, nobody",
     "几张表接在一起或分页打印时会重复表头。", "Lists put end to end, or printed by pages, repeat their headings.")
_say("total", "第{row}行是合计,不算人:{text}", "row {row} is a total, not a person: {text}",
     "合计、小计行绝不算作人。", "Totals and subtotals are never counted as people.")
_say("note", "第{row}行是说明,不是人:{text}", "row {row} is a remark, nobody: {text}", "填表人、审核人、注等。", "Who filled the list in, who checked it, footnotes.")
_say("blank", "空行{times}行,自第{row}行起", "{times} blank rows, from row {row}", "空行不是人。", "A blank row is nobody.")
_say("section", "第{row}行是分组标题,不是人:{text}", "row {row} heads a section, nobody: {text}", "“一、太平村”之类,记在其下各行的“分组”列。",
     "\"I. Taiping village\" and the like; it is put into the column 分组 of the rows below.")
_say("numbered", "自第{row}行起有{times}行只有序号", "{times} rows from row {row} on have a serial number alone", "事先编好号的空行。",
     "Empty lines numbered beforehand.")
_say("joined", "第{row}行接在上一行之后", "row {row} continues the row before", "一个人的信息分在几行。", "One person's data over several lines.")
_say("sender", "第{row}行是发送人和时间", "row {row} says who sent it and when", "转发的聊天记录:记在“发送人”“发送时间”列。",
     "Forwarded chat: kept in the columns of sender and hour.")
_say("chatter", "第{row}行看不出是人:{text}", "row {row} does not look like a person: {text}", "“收到”之类;若是人名,请改正后再贴。",
     "\"Got it\" and the like; if it is a name, correct it and paste again.")
_say("example", "第{row}行是例子,不是人:{text}", "row {row} is an example, nobody: {text}", "接龙开头的“例”。", "The example at the head of a group's list.")

# --- rows kept, with something to know -----------------------------------------------------------------------------------
_say("hidden_rows", "自第{row}行起有{times}行被隐藏或筛选掉,已照常读入", "{times} rows from row {row} on are hidden or filtered out; they were read",
     "隐藏的行里有人:不会因此漏掉。", "There are people in hidden rows: they are not missed for it.")
_say("hidden_column", "“{column}”列被隐藏,已照常读入", "column “{column}” is hidden; it was read", "隐藏的列照读。", "A hidden column is read like any other.")
_say("hidden_sheet", "工作表“{text}”被隐藏,已照常读入", "sheet “{text}” is hidden; it was read", "隐藏的表照读。", "A hidden sheet is read like any other.")
_say("formula", "“{column}”列有{times}个公式,取其结果", "column “{column}” has {times} formulas; their results were taken",
     "公式的结果是上次保存时算的。", "The results are those of the last time the file was saved.")
_say("formula_empty", "第{row}行“{column}”的公式没有保存结果,按空处理", "row {row}, “{column}”: the formula has no saved result; left empty",
     "在表格软件里打开、保存一次,再交。", "Open the file in a spreadsheet, save it, and hand it in again.")
_say("cell_error", "第{row}行“{column}”是错误值 {text},按空处理", "row {row}, “{column}”: {text} is an error of the sheet; left empty",
     "#N/A、#REF! 等不是内容。", "#N/A, #REF! and their like are no content.")
_say("long_number", "第{row}行“{column}”是按数字存的长号码,末几位可能已变成 0:{text}",
     "row {row}, “{column}”: a long number stored as a number; its last digits may have become 0: {text}",
     "表格只保留15位:身份证号后三位变成000。不能当证件号用,人照留。",
     "A spreadsheet keeps 15 digits: the tail of an ID becomes 000. It is no document number; the person stays.")
_say("scientific", "第{row}行“{column}”是科学计数法:{text}", "row {row}, “{column}”: scientific notation: {text}",
     "2.02E+12 之类已丢了位数,不能当号码用,人照留。", "2.02E+12 and its like have lost digits: no number to go by; the person stays.")
_say("merged_down", "“{column}”列的合并单元格已填入其下{times}行", "“{column}”: cells merged over several rows were put into {times} of them",
     "如一条街道、一户的电话跨多行。", "A street or a household's telephone over several rows.")
_say("side_by_side", "一行并排{times}个人,已上下接起", "people stand {times} side by side in a row; they were put one below the other",
     "否则右边一半的人会漏掉。", "Otherwise everyone on the right would be missed.")
_say("struck", "自第{row}行起有{times}行画了删除线,已照常读入", "{times} rows from row {row} on are struck through; they were read",
     "是否已去除须由人决定。", "Whether they are off the list is for a person to say.")
_say("comment", "第{row}行“{column}”有批注:{text}", "row {row}, “{column}” has a comment: {text}", "批注里常写着去向。", "Comments often say where someone went.")
_say("decimal", "“{column}”列有{times}个号码带“.0”,已按整数读", "“{column}”: {times} numbers ended in \".0\" and were read as whole", "程序导出时号码变成小数。",
     "A program exported numbers as decimals.")
_say("zeros", "“{column}”列有{times}个数字按显示格式补了前导零", "column “{column}”: {times} numbers got back the leading zeros of their format",
     "数字格式“000000”显示的零是号码的一部分。", "Zeros shown by a format like \"000000\" are part of the number.")
_say("zeros_lost", "“{column}”列有{times}个号码可能丢了前导零,首见第{row}行", "column “{column}”: {times} numbers may have lost a leading zero, first in row {row}",
     "同列其他号码位数更多且以0开头。", "Other numbers of the column are longer and begin with 0.")
_say("ragged", "第{row}行有{text}格,多于表头,多出的已留", "row {row} has {text} cells, more than headings; the rest was kept",
     "多半是内容里有分隔符。", "Most often a separator inside a value.")
_say("short", "有{times}行的格数少于表头,首见第{row}行", "{times} rows have fewer cells than headings, first row {row}",
     "缺的按空处理。", "What is missing is taken as empty.")
_say("nul", "有{times}个空字符已去掉", "{times} NUL characters were taken out", "损坏的导出里会有。", "Damaged exports have them.")
_say("mixed_encoding", "有{times}行的编码与其余不同,首见第{row}行", "{times} lines are in another encoding than the rest, first line {row}",
     "两份文件拼在一起。", "Two files put end to end.")
_say("undecoded", "有{times}行含认不出的字符,首见第{row}行", "{times} lines hold characters that cannot be read, first line {row}",
     "认不出的字符以“�”代替,人照留。", "They stand as \"�\"; the person stays.")
_say("quotes", "引号没有配对,引号已按普通字符读", "a quotation mark is never closed: marks were read as plain characters",
     "否则其后的行会被吞掉。", "Otherwise the rows after it would be swallowed.")
_say("no_header", "没有表头:列按位置取名", "no headings: columns are named by their place", "请指明各列。", "Say which column is which.")
_say("unseen", "这种文件看不出隐藏的行和公式,全部照读", "hidden rows and formulas cannot be seen in this file; everything was read",
     ".xls 等旧格式。", "Old formats such as .xls.")
_say("split", "第{row}行有{text}个人,已分开", "row {row} holds {text} people; they were parted", "一行写了几个人。", "Several people in one line.")
_say("bare_name", "第{row}行只有名字:{text}", "row {row} has a name alone: {text}", "没有证件也没有电话,留待核对。", "Neither document nor phone: kept, to be checked.")

# --- columns -------------------------------------------------------------------------------------------------------------
_say("shifted", "“{column}”列的内容不像表头所说,像{text}", "column “{column}” does not hold what its heading says; it looks like {text}",
     "导出程序升级后列会错位。", "Columns shift when the program that exports them is changed.")
_say("ambiguous", "“{column}”也可能是{text}", "“{column}” could be the {text} as well", "两列都像;可改。", "Two columns look alike; it can be corrected.")
_say("no_name_nor_document", "没有姓名也没有证件列:无法比人", "neither a name nor a document column: people cannot be compared",
     "请指明哪一列是姓名或证件。", "Say which column holds names or documents.")
_say("date_day_first", "“{column}”按 日/月/年 读:有的首位大于12", "“{column}” is read day first: some begin above 12", "每列只定一种写法。", "One writing per column.")
_say("date_month_first", "“{column}”按 月/日/年 读:有的第二位大于12", "“{column}” is read month first: some have more than 12 in second place",
     "每列只定一种写法。", "One writing per column.")
_say("date_ambiguous", "“{column}”有{times}个日期分不清日与月,未取;首见第{row}行:{text}",
     "“{column}”: {times} dates could be day or month first and were not taken; first row {row}: {text}",
     "请指明这一列的写法。", "Say how the column writes its dates.")
_say("date_borrowed", "“{column}”分不清日与月,照本表其他列的写法读", "“{column}” could be day or month first; read as the other columns of the list are",
     "同一张表一般一种写法;可改。", "One list mostly has one writing; it can be corrected.")
_say("date_serial", "“{column}”有{times}个日期是序列数(如 44905),已换算", "“{column}”: {times} dates were serial numbers such as 44905; converted",
     "表格把日期存成数字。", "A spreadsheet stores dates as numbers.")
_say("date_no_year", "“{column}”有{times}个日期没有年份,未取", "“{column}”: {times} dates have no year and were not taken", "如“12月7日21时”;请说明年份。",
     "\"7 December, 21 h\"; say the year.")
_say("date_year_taken", "“{column}”有{times}个日期没有年份,按{text}年读", "“{column}”: {times} dates have no year and were read as of {text}",
     "标题或其他日期里只有这一年。", "The one year that the title or the other dates name.")
_say("date_unread", "“{column}”有{times}个日期读不出,首见第{row}行:{text}", "“{column}”: {times} dates cannot be read, first row {row}: {text}",
     "原文照留,人照留。", "What was written stays, and so does the person.")
_say("end_of_day", "“{column}”有{times}处写作24:00,即次日00:00", "“{column}”: {times} hours are written 24:00, which is 00:00 of the next day",
     "比较时是同一刻。", "They are one moment when compared.")
_say("sex_unread", "“{column}”有{times}个性别读不出,首见:{text}", "“{column}”: {times} values are no sex, first: {text}", "原文照留。", "What was written stays.")

# fmt: on
#: Every notice by its code.
NOTICES = dict(_ALL)
#: Why a row is nobody, in a word: every row of a source is a row of its table or has one of these.
ASIDE: dict[str, Word] = {
    "title": Word("标题", "a title"),
    "header": Word("表头", "headings"),
    "header_again": Word("重复的表头", "headings again"),
    "total": Word("合计", "a total"),
    "note": Word("说明文字", "a remark"),
    "blank": Word("空行", "a blank row"),
    "joined": Word("接上一行", "continues the row before"),
    "sender": Word("发送人和时间", "who sent it and when"),
    "chatter": Word("看不出是人", "does not look like a person"),
    "example": Word("接龙的例子", "the example of a group's list"),
    "section": Word("分组标题", "the heading of a section"),
    "numbered": Word("只有序号", "a serial number alone"),
}


def notice(code: str, row: int = 0, column: str = "", times: int = 1, text: str = "") -> Notice:
    """The notice of a code with its places filled; a text that may name people is cut short."""
    said = NOTICES[code]
    short = text if len(text) <= 40 else text[:39] + "…"
    values = {"row": row, "column": column, "times": times, "text": short}
    return Notice(row, column, code, said.zh.format(**values), said.en.format(**values), times)
