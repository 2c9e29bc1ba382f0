"""The words of what is told of one person: who told it, which field, which symptom. Plain pairs; ``basis.words`` makes its lists of them."""

Pairs = dict[str, tuple[str, str]]

#: Who said something about a person.
TELLER: Pairs = {
    "self": ("本人", "the person"),
    "household": ("同住人或亲属", "household or kin"),
    "other": ("其他知情人", "someone else"),
    "workplace": ("单位", "workplace or school"),
    "community": ("社区", "community"),
    "clinic": ("医疗机构", "clinic or hospital"),
    "record": ("记录", "a record"),
}

#: How a search for somebody who was only described stands.
SEARCH: Pairs = {
    "searched": ("寻找中", "being sought"),
    "abandoned": ("已停止寻找", "search abandoned"),
    "found": ("已查明", "found"),
}

#: The fields of a person's page that are told one at a time; what each takes is in ``gaps.told``.
DETAIL: Pairs = {
    "whereabouts": ("现在何处", "where they are now"),
    "last_days": ("近日行程", "their last days"),
    "address": ("住址", "address"),
    "home": ("同住人", "who lives with them"),
    "phone": ("电话", "phone"),
    "occupation": ("职业", "occupation"),
    "workplace": ("工作单位或学校", "workplace or school"),
    "illness": ("基础疾病", "underlying illness"),
}

#: Symptoms of a day, in the order of forms in use; this project's choice of them. ``none``: asked, and there were none.
SYMPTOM: Pairs = {
    "none": ("无症状", "none"),
    "fever": ("发热", "fever"),
    "chills": ("寒战", "chills"),
    "cough": ("咳嗽", "cough"),
    "sputum": ("咳痰", "sputum"),
    "sore_throat": ("咽痛", "sore throat"),
    "runny_nose": ("鼻塞或流涕", "blocked or runny nose"),
    "taste": ("嗅觉或味觉减退", "loss of smell or taste"),
    "headache": ("头痛", "headache"),
    "fatigue": ("乏力", "fatigue"),
    "muscle": ("肌肉或关节酸痛", "muscle or joint pain"),
    "breath": ("气促或呼吸困难", "short of breath"),
    "chest": ("胸闷或胸痛", "chest tightness or pain"),
    "eyes": ("结膜充血", "red eyes"),
    "nausea": ("恶心或呕吐", "nausea or vomiting"),
    "diarrhoea": ("腹泻", "diarrhoea"),
    "belly": ("腹痛", "belly pain"),
    "rash": ("皮疹", "rash"),
    "koplik": ("口腔黏膜斑", "spots inside the mouth"),
    "bleeding": ("出血", "bleeding"),
}
