//! Letters that sound alike or are typed one for the other, folded to one.
//!
//! The same table serves phrases and reports, so a fold can only make more spellings meet.

/// What becomes of one letter: another letter, or nothing.
pub(crate) fn fold(letter: char) -> Option<char> {
    let folded = match letter {
        // Invisible: joiners, direction marks, soft hyphen, variation selectors, Arabic vowel marks and tatweel.
        '\u{00AD}' | '\u{034F}' | '\u{061C}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2069}' => {
            return None;
        }
        '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{0640}' | '\u{064B}'..='\u{065F}' | '\u{0670}' | '\u{0610}'..='\u{061A}' => {
            return None;
        }
        '\u{17B4}' | '\u{17B5}' => return None,
        '\u{2018}' | '\u{2019}' | '\u{02BC}' | '\u{0060}' | '\u{00B4}' | '\u{2032}' => '\'',
        // Latin letters that have no decomposition.
        'đ' => 'd',
        'ı' => 'i',
        'ø' => 'o',
        'ł' => 'l',
        'œ' => 'o',
        'ё' => 'е',
        // Arabic script: Arabic, Urdu and Persian keyboards.
        'أ' | 'إ' | 'آ' | 'ٱ' => 'ا',
        'ى' | 'ی' | 'ے' | 'ئ' => 'ي',
        'ؤ' => 'و',
        'ة' | 'ہ' | 'ھ' | 'ۃ' | 'ە' => 'ه',
        'ک' | 'ڪ' => 'ك',
        'ں' => 'ن',
        // Devanagari: dots and nasal signs are left out in haste; long and short i and u sound alike.
        '\u{093C}' | '\u{0901}' | '\u{0902}' | '\u{09BC}' | '\u{0981}' => return None,
        'ी' => 'ि',
        'ू' => 'ु',
        'ई' => 'इ',
        'ऊ' => 'उ',
        'श' | 'ष' => 'स',
        'ण' => 'न',
        'व' => 'ब',
        // Bengali.
        'ী' => 'ি',
        'ূ' => 'ু',
        'ঈ' => 'ই',
        'ঊ' => 'উ',
        'শ' | 'ষ' => 'স',
        'ণ' => 'ন',
        'ৎ' => 'ত',
        // Tamil.
        'ந' | 'ண' => 'ன',
        'ள' | 'ழ' => 'ல',
        'ற' => 'ர',
        // Sinhala.
        'ණ' => 'න',
        'ළ' => 'ල',
        'ඛ' => 'ක',
        'ඝ' => 'ග',
        'ඡ' => 'ච',
        'ඨ' => 'ට',
        'ඪ' => 'ඩ',
        'ථ' => 'ත',
        'ධ' => 'ද',
        'ඵ' => 'ප',
        'භ' => 'බ',
        'ෂ' => 'ශ',
        // Khmer.
        'ឲ' => 'ឱ',
        _ => return Some(ethiopic(letter)),
    };
    Some(folded)
}

/// Amharic writes one sound with several letters.
fn ethiopic(letter: char) -> char {
    let code = letter as u32;
    let moved = match code {
        0x1210..=0x1216 => code - 0x1210 + 0x1200,
        0x1280..=0x1286 => code - 0x1280 + 0x1200,
        0x1220..=0x1227 => code - 0x1220 + 0x1230,
        0x12D0..=0x12D6 => code - 0x12D0 + 0x12A0,
        0x1340..=0x1346 => code - 0x1340 + 0x1338,
        _ => return traditional(letter),
    };
    char::from_u32(moved).unwrap_or(letter)
}

/// Traditional characters of the word lists, and the simplified ones they stand for, in pairs.
const TRADITIONAL: &str = "強强勞劳動动關关鎖锁門门護护證证電电錢钱個个們们學学歲岁廠厂車车間间壓压給给讓让許许離离開开準准辭辞職职\
過过還还這这裡里裏里來来時时會会說说話话請请問问聽听覺觉見见視视親亲記记詐诈騙骗買买賣卖債债貸贷費费貨货資资質质贖赎\
員员罷罢報报復复舉举發发組组織织單单獨独罰罚款款獎奖結结終终絕绝經经紹绍約约級级紅红綠绿紙纸線线練练縫缝繳缴繼继續续\
傷伤斷断燒烧燙烫燈灯煙烟滅灭災灾熱热氣气漲涨漢汉漏漏滅灭濕湿淚泪淹淹潔洁灘滩洩泄汙污汚污廢废塵尘鐵铁銀银銅铜鋼钢鋸锯\
釘钉針针鉛铅鍋锅鎮镇長长陽阳陸陆隊队際际險险隱隐難难雞鸡雜杂雲云靈灵靜静頭头頂顶項项領领題题顏颜願愿類类顧顾飛飞飯饭\
飲饮養养餓饿館馆馬马駕驾騷骚驅驱驗验驚惊髒脏體体魚鱼鳥鸟點点黨党齊齐齡龄龍龙網网緊紧總总戶户拋抛掛挂採采換换揮挥損损搶抢\
擔担據据擠挤擴扩擊击擾扰攔拦攤摊敗败數数敵敌斬斩無无舊旧晝昼暈晕暫暂條条極极構构槍枪樓楼標标樣样樹树橋桥機机檢检權权歐欧\
歸归殘残殺杀毀毁毆殴氫氢決决沒没況况淨净減减測测滾滚滿满漁渔澆浇濃浓為为爐炉爛烂爭争牆墙獄狱環环現现產产畝亩畢毕畫画異异當当\
療疗瘋疯監监盤盘盜盗眾众碼码礦矿禮礼禍祸種种稱称積积穩稳窩窝窮穷競竞筆笔節节範范築筑簡简簽签簡简糧粮約约納纳細细紮扎絲丝綁绑\
維维緩缓編编縣县總总罵骂羅罗義义習习聯联聲声腦脑腫肿膽胆臉脸臺台與与舉举艙舱艦舰莊庄莖茎華华萬万葉叶著着藥药藝艺處处號号蟲虫\
蓋盖薦荐衛卫裝装裂裂製制補补襲袭規规覽览觀观觸触訂订計计討讨訓训託托設设訪访訴诉診诊評评詞词試试詳详認认誘诱語语誤误誰谁課课\
調调談谈論论講讲謝谢謊谎證证識识警警議议譴谴讀读變变豬猪貓猫貧贫責责貪贪賊贼賠赔賬账賭赌賺赚購购贏赢趕赶跡迹踐践蹤踪躍跃軍军\
軟软較较載载輕轻輛辆輪轮輸输轉转辦办農农連连進进運运達达違违遠远適适遲迟遷迁選选遺遗鄉乡鄰邻醫医釋释銷销錄录錯错鏈链閃闪閉闭\
闆板閘闸聞闻闖闯陣阵階阶雖虽雙双霧雾響响頁页順顺須须預预頓顿風风餵喂騎骑騰腾鬥斗鬧闹鴨鸭麥麦麵面黃黄齒齿兒儿兇凶內内兩两冊册\
凍冻凈净刪删別别剛刚創创劃划劇剧勝胜務务區区協协卻却厭厌參参吳吴呂吕員员啟启喪丧喬乔嗎吗嗆呛嘔呕嘆叹嘗尝嚇吓嚴严囑嘱圍围園园\
圓圆國国團团執执堅坚堆堆場场塊块墊垫墜坠墮堕墳坟壞坏壩坝壯壮夠够夢梦奪夺奮奋奴奴媽妈婦妇嬰婴孫孙宮宫實实審审寫写寬宽寶宝將将\
專专尋寻對对導导屍尸層层屬属岡冈島岛嶺岭幣币幫帮幾几庫库廁厕廟庙廣广張张彈弹彙汇徑径徵征徹彻恆恒恥耻悅悦悶闷惡恶惱恼愛爱態态慘惨\
慣惯慮虑慶庆憂忧憑凭憤愤應应懲惩懷怀懸悬懼惧戰战戲戏掃扫捲卷";

fn traditional(letter: char) -> char {
    if !('\u{4E00}'..='\u{9FFF}').contains(&letter) {
        return letter;
    }
    let table = {
        use std::sync::OnceLock;
        static TABLE: OnceLock<Vec<(char, char)>> = OnceLock::new();
        TABLE.get_or_init(|| {
            let letters: Vec<char> = TRADITIONAL.chars().collect();
            let mut pairs: Vec<(char, char)> =
                letters.chunks_exact(2).filter(|pair| pair[0] != pair[1]).map(|pair| (pair[0], pair[1])).collect();
            pairs.sort_unstable();
            pairs.dedup_by_key(|pair| pair.0);
            pairs
        })
    };
    table.binary_search_by_key(&letter, |pair| pair.0).map_or(letter, |place| table[place].1)
}

/// Whether compatibility forms and capitals do not concern the letter, as most of Asia's: a shortcut past the slow tables.
pub(super) fn is_plain(letter: char) -> bool {
    matches!(letter, '\u{430}'..='\u{44F}' | '\u{620}'..='\u{66F}' | '\u{904}'..='\u{939}' | '\u{985}'..='\u{9B9}' | '\u{B85}'..='\u{BB9}'
        | '\u{D85}'..='\u{DC6}' | '\u{E01}'..='\u{E30}' | '\u{E81}'..='\u{EB0}' | '\u{1000}'..='\u{102A}' | '\u{1200}'..='\u{135A}'
        | '\u{1780}'..='\u{17B3}' | '\u{4E00}'..='\u{9FFF}')
}

/// The digit that a native numeral stands for.
pub(super) fn digit(letter: char) -> Option<char> {
    const ZEROES: [u32; 14] = [0x30, 0x660, 0x6F0, 0x966, 0x9E6, 0xA66, 0xBE6, 0xC66, 0xD66, 0xE50, 0xED0, 0x1040, 0x17E0, 0xDE6];
    let code = letter as u32;
    let zero = ZEROES.into_iter().find(|zero| (*zero..zero + 10).contains(&code))?;
    char::from_digit(code - zero, 10)
}

/// Whether words of this letter's script stand without spaces: Chinese, Thai, Lao, Burmese, Khmer.
pub(super) fn is_unspaced(letter: char) -> bool {
    matches!(letter, '\u{0E00}'..='\u{0EFF}' | '\u{1000}'..='\u{109F}' | '\u{1780}'..='\u{17FF}' | '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}' | '\u{AA60}'..='\u{AA7F}')
}

/// Whether the character ends a sentence.
pub(super) fn ends_sentence(letter: char) -> bool {
    matches!(letter, '!' | '?' | '。' | '！' | '？' | '।' | '॥' | '؟' | '۔' | '።' | '፧' | '။' | '។' | '\n')
}

/// Whether the character asks.
pub(super) fn asks(letter: char) -> bool {
    matches!(letter, '?' | '？' | '؟' | '፧')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn traditional_characters_meet_simplified_ones() {
        let folded: String = "護照被沒收".chars().filter_map(fold).collect();
        assert_eq!(folded, "护照被没收");
    }

    #[test]
    fn every_script_has_its_digits() {
        let folded: String = "১٢๓၄५៦໗௮".chars().filter_map(digit).collect();
        assert_eq!(folded, "12345678");
    }
}
