//! Tells simplified from traditional Chinese characters.
//!
//! Knows characters only, no words.

use super::script::Script;
use super::words::Words;

/// Which Chinese characters a text is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Characters {
    /// As in mainland China and Singapore.
    #[serde(rename = "Hans")]
    Simplified,
    /// As in Taiwan, Hong Kong and Macau.
    #[serde(rename = "Hant")]
    Traditional,
}

impl Characters {
    /// The script code of ISO 15924.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Simplified => "Hans",
            Self::Traditional => "Hant",
        }
    }
}

/// Frequent characters that only simplified texts have, in order of their code points.
const SIMPLIFIED: &str = "\
    业东两个为义习乡书买乱争亏产亲亿仅仓仪们价众优会伟传伤体侦侧债倾储儿党兰关兴养写军农决况冻净凉减凤击刘则刚创别剂剧劝\
    办务动励劲劳势区医华协单卖卢卫却厂厅历厉压厌厕县参双发变叙号叹吓吗听启员呜响哑唤啰团园围国图圆圣场坏块坚坝垒垦墙壮声\
    处备够头夹夺奋奖妇妈娱孙学宁宝实审宪宽宾寝对寻导将尔尘尝尽层屉属岁岂岗岛币师帐带帮庄庆库应庙庞废开异弃张弹强归录忆忧\
    怀态怜总恳恶恼悬惊惧惩惯愤戏战户扑执扩扫扬扰抚抛抢护报担拟拥择挂挡挤挥损换掷撑擞敌数断无旧时昼显晒晓暂机杀杂权条来极\
    构枪枫标栋栏树样桥检楼横欢欧残毁毕毙气汇汉汤沟没沪泪泽洁浅浆测济浓涛润涨渐温湿滚满滤滥滨灭灯灵灾炉点炼烂烟烦烧热爱爷\
    牵犹独狮狱猎献环现珑琼电画畅疗疮疯痒瘫盐监盖盗盘睁矿码砖础确碍礼祸离种积称稳穷窃窝竞笔笼筑签简粪粮紧纠红约级纪纯纲纳\
    纸纺线练组细织终绍经绑结绕绘给络绝统继绩续维综绿缓编缝缩缴网罗罚罢聋职联肃肠肤肾肿胀胁胆胜脏脑脚脱脸舰艰艺节苍荣药获\
    营萧萨蓝虏虑虽虾蚁蛮蜗补袜装裤褛见观规觅视觉誉计订认讨让训议讯记讲许论设访证评识诈诉诊词译试诗诚话该详语误诱说请诸诺\
    读课谁调谅谈谋谎谢谣谨谱贝负财责败账货质贪贫购贵贸费资赔赚赛赞赢跃践踪躯车轧转轮软轰轻载较辆辑输辞边辽达迁过运还这进\
    远违连迟迹适选递遗邓邮邻郑酱释针钉钟钢钥钩钱钻铁铃铅铜铝银铺链销锁锅锋锐错锡键镇镜长门闪闭问闯闲间闹闻阀阅阳阴阵阶际\
    陆陈陕险随隐隶难雾静韩页顶项顺须顾顿预领颈频颗题颜额风飘飞饥饭饮饰饱饶饼饿馆马驱驶驾骂验骑骗骤鱼鲁鲜鸟鸡鸭鹅鹰麦黄齐\
    齿龙龟\
";

/// Frequent characters that only traditional texts have, in order of their code points.
const TRADITIONAL: &str = "\
    亂來倉個們偉側偵備傳債傷傾僅價儀億優儲兒兩凍別則剛創劇劉劑勁動務勝勞勢勵勸匯區協卻厭厲參員問啞啟喚單嗎嗚嘆嘗嚇囉國圍\
    園圓圖團執堅報場塊塗塵墾壇壓壘壞壩壯夠夾奪奮娛婦媽孫學寢實寧審寫寬寶將尋對導屜層屬島崗師帳帶幣幫庫廁廟廠廢廳張強彈惡\
    惱愛態慣慮慶憂憐憤憲憶懇應懲懷懸懼戰戲戶拋掃掛揚換揮損搶撐撫撲擁擇擊擋擔據擠擬擲擴擻擾敗敘敵數斃斷時晝暢暫曉曬書會東\
    條棄棟楓業極榮構槍樓標樣樹橋機橫檢欄權歐歡歲歷歸殘殺毀氣決沒況涼淚淨淺減測湯溝溫滅滬滾滿漢漲漸漿潔潤澤濃濕濟濤濫濱濾\
    災為無煉煙煩熱燈燒營爐爛爭爺爾牆牽猶獄獅獎獨獲獵獻現環瓊瓏產畢畫異瘋瘡療癢癱發盜盡監盤盧眾睜確碼磚礎礙礦禍禮種稱積穩\
    窩窮竊競筆節築簡簽籠糞糧糾紀約紅納純紙級紡細紹終組結絕絡給統綁經綜綠維綱網緊線編緩練縣縫縮總績織繞繪繳繼續罰罵罷羅義\
    習聖聞聯聲職聽聾肅脅脫脹腎腦腫腳腸膚膽臉興舊艦艱莊華蒼蓋蕭薩藍藝藥蘇蘭處虜號虧蝦蝸蟻蠻術衛補裝褲褸襪見規覓視親覺觀訂\
    計訊討訓記訪設許訴診詐評詞試詩話該詳認誘語誠誤說誰課調談請諒論諸諾謀謊講謝謠謹證識譜譯議護譽讀變讓豈貝負財貧貨貪責貴\
    買費貿資賓賠賣質賬賺購賽贊贏跡踐蹤躍軀車軋軍軟較載輕輛輪輯輸轉轟辦辭農這連進運過達違遞遠適遲遷選遺遼還邊郵鄉鄧鄭鄰醫\
    醬釋釘針鈴鉛鉤銀銅銳銷鋁鋒鋪鋼錄錢錫錯鍋鍵鎖鎮鏈鏡鐘鐵鑰鑽長門閃閉開閑間閥閱闖關陝陣陰陳陸陽階際隨險隱隸雖雙雜雞離難\
    電霧靈靜韓響頁頂項順須預頓領頭頸頻顆題額顏願顧顯風飄飛飢飯飲飽飾餅養餓館饒馬駕駛騎騙驅驗驚驟髒體鬧魚魯鮮鳥鳳鴨鵝鷹鹽\
    麥黃點黨齊齒龍龐龜\
";

/// What the telling characters of a Chinese text say; `None` if there are none, or as many of the one as of the other.
pub(super) fn characters(words: &Words) -> Option<Characters> {
    let (mut n_simplified, mut n_traditional) = (0_usize, 0_usize);
    for character in words.of(Script::Han).flat_map(str::chars) {
        n_simplified += usize::from(SIMPLIFIED.contains(character));
        n_traditional += usize::from(TRADITIONAL.contains(character));
    }
    match n_simplified.cmp(&n_traditional) {
        std::cmp::Ordering::Greater => Some(Characters::Simplified),
        std::cmp::Ordering::Less => Some(Characters::Traditional),
        std::cmp::Ordering::Equal => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_character_is_in_both_lists_or_twice_in_one() {
        for list in [SIMPLIFIED, TRADITIONAL] {
            assert!(list.chars().zip(list.chars().skip(1)).all(|(one, next)| one < next));
        }
        assert!(SIMPLIFIED.chars().all(|character| !TRADITIONAL.contains(character)));
    }

    #[test]
    fn telling_characters_decide() {
        let characters = |text: &str| characters(&Words::read(text));
        assert_eq!(characters("老板三个月没发工资"), Some(Characters::Simplified));
        assert_eq!(characters("老闆三個月沒發工資"), Some(Characters::Traditional));
        assert_eq!(characters("工人"), None);
        assert_eq!(characters("no pay"), None);
    }
}
